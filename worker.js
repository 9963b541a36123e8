// The end of the page's bindings (xtask/src/split.rs): the same script, started as a worker by src/platform/thread.rs, waits for the
// module that the page has compiled, and runs the program once more on a thread of its own. Nothing is asked of the network for it.
if (!globalThis.document) {
  onmessage = ({ data }) => {
    __wbg_init({ module_or_path: data }).catch((error) => postMessage(["died", String(error)]));
  };
}
