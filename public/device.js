// The app opens from this device for whoever is signed in on it, and only for them: `device` holds
// the mark that says so (see the service worker). On plain http there is neither.
const forget = () => self.caches?.delete('device');

// The server knows nobody here: signed out, on this page or another.
if ('visitor' in document.documentElement.dataset) forget();

// Before the server knows: its answer may get lost.
document.addEventListener('submit', ({ target }) => {
  const fn = target.elements.namedItem('_fn')?.value ?? '';
  if (/\/(account\/(sign_|delete)|device\/sign_out)/.test(fn)) forget();
});
