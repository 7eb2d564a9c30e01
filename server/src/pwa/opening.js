// Starts the app: in the shell, and on a page that the server drew. The shell is the same for everybody,
// so what only this browser knows is found out here; its look also for the page that stands where there
// is no connection.
const root = document.documentElement;
const look = /(?:^|; )tinytummy_theme=(light|dark)(?:;|$)/.exec(document.cookie);
// Before the first paint, or a dark room would be lit up.
if (look) root.dataset.theme = look[1];

// Where the app is; nowhere on the page for when there is no connection.
const { module, wasm } = document.currentScript.dataset;
const start = async (enter) => {
  const [app, bytes] = await Promise.all([import(module), fetch(wasm)]);
  await app.default({ module_or_path: bytes });
  app[enter]();
};
const open = async () => {
  try {
    await start('open');
  } catch (why) {
    console.error(why);
    document.querySelector('.opening__text').textContent =
      'TinyTummy could not be opened. Check your connection, then load this page again.';
  }
};
// The server drew the page and its forms work: it is painted first, and nothing shares its line.
const painted = () => new Promise((then) => {
  // Where nothing is painted, as in a tab behind others, or where a browser does not say so.
  setTimeout(then, 1000);
  try {
    new PerformanceObserver(then).observe({ type: 'paint', buffered: true });
  } catch {
    // Then it is later.
  }
});
if ('shell' in root.dataset) document.addEventListener('DOMContentLoaded', open);
else if (module) painted().then(() => start('hydrate')).catch((why) => console.warn('Without the app:', why));
