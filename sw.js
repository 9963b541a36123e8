// Keeps the page for when there is no network: every file of one build, all or none, and the large sample once it was opened. src/platform/offline.rs registers it.

// Each file of this build and the digest of its content; `cargo xtask build` writes both lines (xtask/src/offline.rs).
const FILES = {};
const VERSION = "";

const SCOPE = self.registration.scope;
// Several copies of the page may live under one origin: each has caches of its own.
const MINE = `servelens ${SCOPE} `;
const CACHE = MINE + VERSION;
// Such a name says its content: it never means anything else.
const HASHED = /-[0-9a-f]{10,16}(_bg)?\.[a-z]+$/;

const address = (name) => new URL(name, SCOPE).href;

// What a build before has kept under the same hash is not fetched again; what arrives must be of this very build.
async function take(cache, [name, integrity]) {
  const url = address(name);
  const before = HASHED.test(name) && (await caches.match(url));
  const answer = before || (await fetch(url, { integrity, cache: HASHED.test(name) ? "default" : "no-cache" }));
  if (!answer.ok) {
    throw new Error(`${name} answered ${answer.status}.`);
  }
  await cache.put(url, answer);
}

// What a person may never ask for is kept when it is first asked for.
const wanted = (name) => name.startsWith("samples/") && name.endsWith(".zip");

async function keep() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(FILES).filter(([name]) => !wanted(name)).map((file) => take(cache, file)));
}

// The browser starts a new version once no page of the old one is open: until then both are kept.
async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(MINE) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function kept(name) {
  return (await caches.open(CACHE)).match(address(name));
}

async function answer(name, request) {
  if (HASHED.test(name)) {
    return (await kept(name)) ?? fetch(request);
  }
  // The others may be of a newer build: the network goes first, so that it is seen at once.
  try {
    const fresh = await fetch(request);
    if (fresh.ok && wanted(name)) {
      const copy = fresh.clone();
      const cache = await caches.open(CACHE);
      // A full store keeps nothing: the answer stands all the same.
      await cache.put(address(name), copy).catch(() => {});
    }
    return fresh.status < 500 ? fresh : ((await kept(name)) ?? fresh);
  } catch (error) {
    const old = await kept(name);
    if (old) {
      return old;
    }
    throw error;
  }
}

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const inside = url.startsWith(SCOPE) ? url.slice(SCOPE.length).replace(/[?#].*$/, "") : undefined;
  const name = inside === "" ? "index.html" : inside;
  // Whatever is not of this build takes its usual way.
  if (method === "GET" && name && Object.hasOwn(FILES, name)) {
    event.respondWith(answer(name, event.request));
  }
});
