// Opens the app in the shell. The shell is the same for everybody, so what only this browser knows
// is found out here; its look also for the page that stands where there is no connection.
const root = document.documentElement;
const look = /(?:^|; )tinytummy_theme=(light|dark)(?:;|$)/.exec(document.cookie);
// Before the first paint, or a dark room would be lit up.
if (look) root.dataset.theme = look[1];

const link = (which) => document.querySelector(`link[rel="${which}"]`).href;
const open = async () => {
  // By its own name it is no page.
  if (location.pathname === '/shell') location.replace('/today');
  try {
    const app = await import(link('modulepreload'));
    await app.default({ module_or_path: link('preload') });
    app.open();
  } catch (why) {
    console.error(why);
    document.querySelector('.opening__text').textContent =
      'TinyTummy could not be opened. Check your connection, then load this page again.';
  }
};
if ('shell' in root.dataset) document.addEventListener('DOMContentLoaded', open);
