// The app opens from this device for whoever is signed in on it, and only for them: `device` holds
// the mark that says so (see the service worker). On plain http there is neither.
const forget = () => self.caches?.delete('device');

// The server knows nobody here: signed out, on this page or another.
if ('visitor' in document.documentElement.dataset) forget();

// Some of what is kept here, each store at a time; nothing where nothing is.
function change(stores, each) {
  const opening = self.indexedDB?.open('tinytummy');
  if (!opening) return;
  // It was never made: nothing to take away, and no shape of it to make here.
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onsuccess = () => {
    const all = opening.result.transaction(stores, 'readwrite');
    for (const store of stores) each(all.objectStore(store));
  };
}

// What the device shows of the family. What was not sent yet stays, in `queue`, for when they come back.
function wipe() {
  localStorage.removeItem('account');
  change(['kept', 'rows'], (store) => store.clear());
}

// Whose account is deleted, until the server says that it is: a wrong password deletes nothing.
const DELETED = 'deleted';

// It never comes back for what it had not sent, nor for what it had half typed.
function forgetFor(account) {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(`draft-${account}-`)) localStorage.removeItem(name);
  }
  localStorage.removeItem('unsent');
  change(['queue'], (store) => {
    const entries = store.openCursor();
    entries.onsuccess = () => {
      const entry = entries.result;
      if (!entry) return;
      if (entry.value.includes(`"account":"${account}"`)) entry.delete();
      entry.continue();
    };
  });
}

const gone = sessionStorage.getItem(DELETED);
if (gone && new URLSearchParams(location.search).get('account') === 'deleted') {
  sessionStorage.removeItem(DELETED);
  forgetFor(gone);
}

// Before the server knows: its answer may get lost.
document.addEventListener('submit', (event) => {
  const fn = event.target.elements.namedItem('_fn')?.value ?? '';
  if (fn.endsWith('account/sign_out') && Number(localStorage.getItem('unsent'))) {
    // Something was not sent: first they say what is to become of it.
    event.preventDefault();
    location.assign('/unsent?leaving');
    return;
  }
  if (/\/(account\/(sign_|delete)|device\/sign_out)/.test(fn)) forget();
  if (/\/account\/delete/.test(fn)) {
    const account = localStorage.getItem('account');
    if (account) sessionStorage.setItem(DELETED, JSON.parse(account));
  }
  if (/\/account\/(sign_out|delete)/.test(fn)) wipe();
});
