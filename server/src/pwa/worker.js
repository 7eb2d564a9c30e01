// Answers with what this build consists of, so that the app opens without a connection. It knows
// nothing of meals, and keeps nobody's page: files that are the same for everybody, and, until the app reads
// it, the reply to what it sent for the app.
// The server puts `BUILD` before this: { version, assets, pages, shell, offline, headers }. The two documents
// are in it, so that they never are another build's than the files they name.

const KEPT = `assets-${BUILD.version}`;
const PAGES = new RegExp(`^(?:${BUILD.pages.map((page) => page.replace(/\{\w+\}/g, '[^/]+')).join('|')})$`);
// A name with a hash in it never means other bytes.
const HASHED = /\.[\w-]{8,}\.\w+$/;
// How long to wait for the newest of the other files.
const PATIENCE_MS = 2000;

addEventListener('install', (event) => {
  const wanted = BUILD.assets.map((path) => new Request(path, { cache: HASHED.test(path) ? 'default' : 'reload' }));
  // All or nothing: the shell without its wasm would open nothing.
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(wanted)));
});

addEventListener('activate', (event) => event.waitUntil(begin()));

async function begin() {
  // The version that was at work until now stays: a page of it may be open, and have its foods still to read.
  const notes = await caches.open('worker');
  const before = await (await notes.match('/at-work'))?.text();
  await notes.put('/at-work', new Response(KEPT));
  const old = (await caches.keys()).filter((name) => name.startsWith('assets-') && ![KEPT, before].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') skipWaiting();
});

// The connection is back and no page is open: what waits is sent as the app wrote it down, and what the
// server says is kept for the app to read. Every write in it is known by its id, so that the app may send it
// again where that is lost.
addEventListener('sync', (event) => {
  if (event.tag === 'outbox') event.waitUntil(replay());
});

async function replay() {
  const outbox = await caches.match('/outbox', { cacheName: 'device' });
  if (!outbox) return;
  const sent = await outbox.text();
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch('/api/v1/sync', { method: 'POST', headers, body: sent });
  // Then the browser tries again later.
  if (answer.status === 429 || answer.status >= 500) throw new Error(`status ${answer.status}`);
  if (!answer.ok) return;
  const reply = await answer.text();
  // The app was told meanwhile, or they signed out: then it is not written down here any more.
  const now = await caches.match('/outbox', { cacheName: 'device' });
  if (await now?.text() !== sent) return;
  const device = await caches.open('device');
  await device.put('/reply', new Response(JSON.stringify({ heard_ms: Date.now(), sent, reply })));
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    event.respondWith(page(request, pathname));
  } else if (BUILD.assets.includes(pathname)) {
    event.respondWith(asset(request, pathname));
  } else if (HASHED.test(pathname)) {
    event.respondWith(earlier(request));
  }
});

const kept = (path) => caches.match(path, { cacheName: KEPT, ignoreVary: true });

const made = (html) => new Response(html, { headers: BUILD.headers });

// The page that was asked for, from the server; where this device holds what it shows, the shell.
async function page(request, path) {
  // Written once the device has a family's data, taken away when they sign out.
  if (PAGES.test(path) && await caches.match('/signed-in', { cacheName: 'device' })) return made(BUILD.shell);
  try {
    return await fetch(request);
  } catch {
    return made(BUILD.offline);
  }
}

// A file of another build, that a page of that build asks for.
const earlier = async (request) => await caches.match(request, { ignoreVary: true }) ?? fetch(request);

async function asset(request, path) {
  const mine = await kept(path);
  if (!mine) return fetch(request);
  if (HASHED.test(path)) return mine;
  const late = new Promise((done) => { setTimeout(done, PATIENCE_MS, mine); });
  const fresh = fetch(request).then((answer) => (answer.ok ? answer : mine), () => mine);
  return Promise.race([fresh, late]);
}
