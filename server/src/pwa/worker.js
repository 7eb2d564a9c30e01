// Answers with what this build consists of, so that the app opens without a connection. It knows
// nothing of meals, and keeps nobody's page: only files that are the same for everybody.
// The server puts `BUILD` before this: { version, assets, pages }.

const KEPT = `assets-${BUILD.version}`;
const PAGES = new RegExp(`^(?:${BUILD.pages.map((page) => page.replace(/\{\w+\}/g, '[^/]+')).join('|')})$`);
// A name with a hash in it never means other bytes.
const HASHED = /\.[\w-]{8,}\.\w+$/;
// How long to wait for the newest of the other files.
const PATIENCE_MS = 2000;

addEventListener('install', (event) => {
  const wanted = BUILD.assets.map((path) => new Request(path, { cache: HASHED.test(path) ? 'default' : 'reload' }));
  // All or nothing: a shell without its wasm would open nothing.
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(wanted)));
});

addEventListener('activate', (event) => event.waitUntil(begin()));

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith('assets-') && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') skipWaiting();
});

// The connection is back and no page is open: what waits is sent as the app wrote it down. Every write in
// it is known by its id, so that the app may send it again without asking what became of this.
addEventListener('sync', (event) => {
  if (event.tag === 'outbox') event.waitUntil(replay());
});

async function replay() {
  const outbox = await caches.match('/outbox', { cacheName: 'device' });
  if (!outbox) return;
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch('/api/v1/sync', { method: 'POST', headers, body: await outbox.text() });
  // Then the browser tries again later.
  if (answer.status === 429 || answer.status >= 500) throw new Error(`status ${answer.status}`);
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    event.respondWith(page(request, pathname));
  } else if (BUILD.assets.includes(pathname)) {
    event.respondWith(asset(request, pathname));
  }
});

const kept = (path) => caches.match(path, { cacheName: KEPT, ignoreVary: true });

// The page that was asked for, from the server; where this device holds what it shows, the shell.
async function page(request, path) {
  // Written once the device has a family's data, taken away when they sign out.
  const shell = PAGES.test(path) && await caches.match('/signed-in', { cacheName: 'device' }) && await kept('/shell');
  if (shell) return shell;
  try {
    return await fetch(request);
  } catch (away) {
    const offline = await kept('/offline');
    if (offline) return offline;
    throw away;
  }
}

async function asset(request, path) {
  const mine = await kept(path);
  if (!mine) return fetch(request);
  if (HASHED.test(path)) return mine;
  const late = new Promise((done) => { setTimeout(done, PATIENCE_MS, mine); });
  const fresh = fetch(request).then((answer) => (answer.ok ? answer : mine), () => mine);
  return Promise.race([fresh, late]);
}
