// Starts the page: the names of the hashed files stand on this script's own tag.
const tag = document.querySelector("script[data-js]");
const here = new URL(".", document.baseURI);

function crash(message, heading = "ServeLens has stopped", advice = "Reload to go on; if it happens again, the message below tells the maintainers what went wrong.") {
  const app = document.getElementById("app");
  const panel = document.createElement("main");
  panel.className = "crash";
  panel.setAttribute("role", "alert");
  const title = document.createElement("h1");
  title.textContent = heading;
  const text = document.createElement("p");
  text.textContent = `Your files are untouched and nothing was sent anywhere. ${advice}`;
  const pre = document.createElement("pre");
  pre.textContent = message;
  const row = document.createElement("div");
  row.className = "row";
  const button = (label, act) => {
    const b = document.createElement("button");
    b.className = "btn";
    b.textContent = label;
    b.addEventListener("click", act);
    row.append(b);
  };
  button("Reload", () => location.reload());
  button("Copy message", () => navigator.clipboard.writeText(message));
  panel.append(title, text, pre, row);
  app.replaceChildren(panel);
}
// The panic hook calls this: the instance is dead by then, so the panel is plain DOM.
globalThis.servelensCrash = crash;

try {
  const bindings = await import(new URL(tag.dataset.js, here).href);
  await bindings.default({ module_or_path: new URL(tag.dataset.wasm, here) });
} catch (error) {
  const there = async (name) => (await fetch(new URL(name, here), { method: "HEAD" }).catch(() => undefined))?.ok;
  if (document.querySelector(".crash")) {
    // The program itself has said why.
  } else if ((await there(tag.dataset.js)) && (await there(tag.dataset.wasm))) {
    crash(`The page could not start: ${error}`);
  } else {
    crash(
      `A file of this page is missing: ${error}`,
      "A file of ServeLens is missing",
      "The page was probably being replaced by a newer one while it loaded. Reload in a moment to get the new one.",
    );
  }
}
