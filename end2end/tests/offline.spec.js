// Without a connection: what is written waits on the device, is sent once when it can be, and is nobody
// else's to see. The line is cut between the browser and the server; the browser itself is not told.
import { PASSWORD, accessible, addChild, address, expect, fillSignUp, invite, scripted, settled, signIn, signInHere, signUp } from './parent.js';
import { discards, family, kept, opensForm, shell, status, test, words, worked } from './device.js';
import { Release } from '../release.js';
import { Server, freePort } from '../server.js';

test.beforeEach(({}, info) => test.skip(!scripted(info), 'nothing is kept without a script'));

const meals = (page) => page.locator('.meal');

// A meal in words, up to where it is shown.
async function logs(page, info, text, shown) {
  await opensForm(page, info);
  await words(page).fill(text);
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(meals(page).filter({ hasText: shown })).toHaveCount(1);
}

// Every one of them once, and no others.
async function showsOnce(page, shown) {
  for (const text of shown) await expect(meals(page).filter({ hasText: text })).toHaveCount(1);
  await expect(meals(page)).toHaveCount(shown.length);
}

// The values of a store, with their keys; nothing where there is no such store.
const stored = (page, store) => page.evaluate((name) => new Promise((done, failed) => {
  const opening = indexedDB.open('tinytummy');
  // Only to be looked at, never made.
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => done([]);
  opening.onsuccess = () => {
    const database = opening.result;
    const all = database.transaction(name).objectStore(name).getAll();
    all.onsuccess = () => { database.close(); done(all.result); };
    all.onerror = failed;
  };
}), store);

// Nothing waits on this device any more, and it knows.
async function sent(page) {
  await expect(status(page)).toContainText('Up to date', { timeout: 20_000 });
  expect(await stored(page, 'queue')).toEqual([]);
}

// The browser has no room left: it gives up a transaction where it would have to write it down. Its own quota
// cannot be set for IndexedDB.
const full = (page) => page.evaluate(() => {
  IDBTransaction.prototype.commit = function () { this.abort(); };
});

test('what is logged, changed and deleted without a connection outlives the browser, and arrives once', async ({ device, line, another }, info) => {
  let { page } = device;
  const email = await family(page, info);
  await line.cut();
  await page.goto('/today');
  await expect(shell(page)).toHaveCount(1);
  await expect(status(page)).toContainText('No connection.');

  await opensForm(page, info);
  await words(page).fill('half a banana and 2 tsp honey');
  await expect(page.getByRole('heading', { name: /What we read 2 foods/ })).toBeVisible();
  await expect(page.locator('.warning--age').first()).toContainText('honey', { ignoreCase: true });
  await accessible(page, info);
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(meals(page)).toContainText('Not at this age: Honey');
  await expect(status(page)).toContainText('1 entry waits on this device and will be sent.');
  await logs(page, info, 'two eggs', 'Egg');
  await logs(page, info, '100 g pear', 'Pear');
  await logs(page, info, '3 tbsp oatmeal', 'Oat');
  await logs(page, info, '80 g blueberries', 'Blueberr');
  await accessible(page, info);

  await meals(page).filter({ hasText: 'Pear' }).locator('.meal__link').click();
  await page.locator('.amount__input').first().fill('25');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(meals(page).filter({ hasText: 'Pear' })).toContainText('25 g');
  await meals(page).filter({ hasText: 'Egg' }).locator('.meal__link').click();
  await page.getByRole('button', { name: 'Delete this meal' }).click();
  await expect(page.getByText('Meal deleted.')).toBeVisible();
  await expect(meals(page)).toHaveCount(4);

  await device.close();
  page = await device.open();
  await page.goto('/today');
  const left = ['Honey', /Pear.* 25 g/, 'Oat', 'Blueberr'];
  await showsOnce(page, left);
  await expect(status(page)).toContainText('7 entries wait on this device and will be sent.');
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.locator('.day')).toHaveCount(1);
  await accessible(page, info);

  await line.mend();
  await sent(page);
  const other = await another();
  await signIn(other, info, email);
  await showsOnce(other, left);
  await expect(meals(other).filter({ hasText: 'Honey' })).toContainText('Not at this age: Honey');
  await page.goto('/today');
  await showsOnce(page, left);
});

test('a reply that is lost on the way is asked for again, and nothing is written twice', async ({ page, line, another }, info) => {
  const email = await family(page, info);
  await line.cut();
  await logs(page, info, 'half a banana', 'Banana');
  await logs(page, info, '100 g pear', 'Pear');
  line.lost = /^\/api\/v1\/sync/;
  await line.mend();
  // The server has them, more than once by now, and the device does not know.
  await expect.poll(() => line.losses, { timeout: 20_000 }).toBeGreaterThan(1);
  const other = await another();
  await signIn(other, info, email);
  await showsOnce(other, ['Banana', 'Pear']);
  await expect(status(page)).toContainText('2 entries wait');

  line.lost = null;
  await sent(page);
  await showsOnce(page, ['Banana', 'Pear']);
  await other.reload();
  await showsOnce(other, ['Banana', 'Pear']);
});

test('a server that is killed while it is told of them has them once', async ({ page, line, another }, info) => {
  const server = new Server(await freePort());
  try {
    server.start();
    await server.ready();
    line.port = server.port;
    const email = await family(page, info);
    await line.cut();
    await logs(page, info, 'half a banana', 'Banana');
    await logs(page, info, '100 g pear', 'Pear');
    const killed = new Promise((done) => {
      line.passed = (path) => {
        if (!path.startsWith('/api/v1/sync')) return;
        line.passed = () => {};
        done(server.stop('SIGKILL'));
      };
    });
    await line.mend();
    await killed;
    await expect(status(page)).toContainText('No connection. 2 entries wait', { timeout: 20_000 });

    server.start();
    await server.ready();
    await sent(page);
    await showsOnce(page, ['Banana', 'Pear']);
    const other = await another({ baseURL: line.address });
    await signIn(other, info, email);
    await showsOnce(other, ['Banana', 'Pear']);
    // Before the server is gone for good.
    await other.close();
    await page.close();
  } finally {
    await server.stop('SIGTERM');
    server.remove();
  }
});

// Chromium wakes the worker for it, as it does when a phone has a connection again.
async function wakesWorker(context, page, line) {
  const cdp = await context.newCDPSession(page);
  const registered = new Promise((done) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(line.address));
      if (ours) done(ours.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  const registrationId = await registered;
  await cdp.send('ServiceWorker.dispatchSyncEvent', { origin: line.address, registrationId, tag: 'outbox', lastChance: false });
}

test('what waits is sent with no page open, once there is a connection', async ({ device, line, another }, info) => {
  const { context, page } = device;
  const email = await family(page, info);
  await line.cut();
  await logs(page, info, 'half a banana', 'Banana');
  await logs(page, info, '100 g pear', 'Pear');
  await expect.poll(() => page.evaluate(async () => (await caches.match('/outbox'))?.text() ?? '')).toContain('pear');
  // The app is closed; the browser is not.
  const elsewhere = await context.newPage();
  await page.close();
  await line.mend();
  await wakesWorker(context, elsewhere, line);
  const other = await another();
  await signIn(other, info, email);
  await expect(async () => {
    await other.reload();
    await showsOnce(other, ['Banana', 'Pear']);
  }).toPass({ timeout: 20_000 });

  // What the worker was told the app reads when it is opened next, without asking again.
  await elsewhere.goto('/settings');
  await expect.poll(() => elsewhere.evaluate(async () => (await caches.match('/reply'))?.text() ?? '')).toContain('accepted');
  await line.cut();
  await elsewhere.goto('/today');
  await showsOnce(elsewhere, ['Banana', 'Pear']);
  await expect.poll(() => stored(elsewhere, 'queue')).toEqual([]);
  await expect(status(elsewhere)).toContainText('No connection.');
  await expect(status(elsewhere)).not.toContainText('wait');
  await line.mend();
  await sent(elsewhere);
  await showsOnce(elsewhere, ['Banana', 'Pear']);
  await other.reload();
  await showsOnce(other, ['Banana', 'Pear']);
});

test('two tabs show the same, send once, and each can do without the other', async ({ page, context, line, another }, info) => {
  const email = await family(page, info);
  const second = await context.newPage();
  await second.goto('/today');
  await expect(second.getByText('Nothing written down for this day yet.')).toBeVisible();
  const unmoved = (tab) => tab.evaluate(() => { window.same = true; });
  await Promise.all([page, second].map(unmoved));
  await logs(page, info, 'half a banana', 'Banana');
  await showsOnce(second, ['Banana']);
  await logs(second, info, '100 g pear', 'Pear');
  await showsOnce(page, ['Banana', 'Pear']);
  for (const tab of [page, second]) {
    expect(await tab.evaluate(() => window.same)).toBe(true);
    await sent(tab);
  }

  // The first one leads, and is closed with something unsent.
  const waits = () => second.evaluate(async () => {
    const { pending } = await navigator.locks.query();
    return pending.some(({ name }) => name === 'tinytummy-leader');
  });
  expect(await waits()).toBe(true);
  await line.cut();
  await logs(page, info, '80 g blueberries', 'Blueberr');
  await logs(second, info, 'two eggs', 'Egg');
  await page.close();
  await line.mend();
  await sent(second);
  expect(await waits()).toBe(false);
  const other = await another();
  await signIn(other, info, email);
  await showsOnce(other, ['Banana', 'Pear', 'Blueberr', 'Egg']);
});

test('a browser with no room left says so, and the server keeps what is saved', async ({ page, line, another }, info) => {
  const email = await family(page, info);
  await full(page);
  await opensForm(page, info);
  await words(page).fill('half a banana');
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(meals(page)).toContainText('Banana');
  await expect(status(page)).toContainText('This browser stores nothing for TinyTummy');
  const other = await another();
  await signIn(other, info, email);
  await showsOnce(other, ['Banana']);

  await opensForm(page, info);
  await words(page).fill('100 g pear');
  await line.cut();
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(status(page)).toContainText('Without a connection nothing can be logged.');
  await expect(words(page)).toHaveValue('100 g pear');
  await accessible(page, info);

  // Typed once: it is saved as soon as that can be.
  await line.mend();
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(meals(page).filter({ hasText: 'Pear' })).toHaveCount(1);
});

test('a newer version takes over while entries wait and another is half typed', async ({ page, line, another }, info) => {
  const email = await family(page, info);
  await line.cut();
  await logs(page, info, 'half a banana', 'Banana');
  await logs(page, info, '100 g pear', 'Pear');
  // The server is there again, with a newer app, and has no time for what waits.
  line.away = /^\/api\/v1\/sync/;
  line.rewrite = (script) => script.replace(/"version":"\w+"/, '"version":"newer"');
  await line.mend();
  await opensForm(page, info);
  await words(page).fill('two eggs');
  await page.evaluate(() => { window.same = true; });
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.getByRole('button', { name: 'Update' }).click();
  await expect.poll(() => page.evaluate(() => window.same ?? 'loaded again').catch(() => 'loading')).toBe('loaded again');
  await expect(words(page)).toHaveValue('two eggs');
  await expect(status(page)).toContainText('2 entries wait');
  expect(await page.evaluate(() => caches.keys())).toContain('assets-newer');

  line.away = null;
  await settled(page, info);
  await page.getByRole('button', { name: 'Save meal' }).click();
  await showsOnce(page, ['Banana', 'Pear', 'Egg']);
  await sent(page);
  const other = await another();
  await signIn(other, info, email);
  await showsOnce(other, ['Banana', 'Pear', 'Egg']);
});

test('an app that is too old for its server says so, keeps what waits, and sends it to one that takes it', async ({ page, line }, info) => {
  await family(page, info);
  line.upload = (text) => text.replace('"protocol":1', '"protocol":0');
  await logs(page, info, 'half a banana', 'Banana');
  await expect(status(page)).toContainText('This app is older than its server.');
  await accessible(page, info);
  // It goes on without the server.
  await logs(page, info, '100 g pear', 'Pear');
  await showsOnce(page, ['Banana', 'Pear']);
  await page.reload();
  await showsOnce(page, ['Banana', 'Pear']);
  await expect(status(page)).toContainText('This app is older than its server.');
  expect(await stored(page, 'queue')).toHaveLength(2);

  line.upload = null;
  await page.reload();
  await sent(page);
  await showsOnce(page, ['Banana', 'Pear']);
});

test('a next release, its tabs and those of the last go on beside each other, also when it is taken back', async ({ page, context, line, another }, info) => {
  const next = new Release({
    foods: ['id,name,kcal', '7,"Moonfruit, raw",50'],
    portions: ['id,amount,unit,grams', '7,1,fruit,40'],
  });
  const server = new Server(await freePort());
  const becomes = async (release) => {
    await server.stop('SIGTERM');
    server.start({ release });
    await server.ready();
  };
  const updates = async (tab) => {
    await tab.bringToFront();
    await tab.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
    await tab.getByRole('button', { name: 'Update' }).click();
  };
  const module = (tab) => tab.locator('script[data-module]').getAttribute('data-module');
  try {
    server.start();
    await server.ready();
    line.port = server.port;
    const email = await family(page, info);
    const last = await module(page);
    const old = await context.newPage();
    await old.goto('/today');
    await expect(shell(old)).toHaveCount(1);

    await becomes(next);
    await updates(page);
    await expect.poll(() => module(page)).not.toBe(last);
    await logs(page, info, 'one moonfruit', 'Moonfruit');
    // The tab that was open stays what it was, and reads with the foods it knows.
    await old.bringToFront();
    await logs(old, info, 'half a banana', 'Banana');
    expect(await module(old)).toBe(last);
    await sent(old);
    await showsOnce(page, ['Moonfruit', 'Banana']);

    // Taken back: a tab of the next release has yet to read foods that no server has any more.
    const newer = await context.newPage();
    await newer.goto('/today');
    await showsOnce(newer, ['Moonfruit', 'Banana']);
    await becomes();
    await updates(page);
    await expect.poll(() => module(page)).toBe(last);
    const foods = await newer.locator('meta[name=foods]').getAttribute('content');
    const [nextFoods] = foods.split(' ');
    expect((await fetch(`http://127.0.0.1:${server.port}${nextFoods}`)).status).toBe(404);
    const cdp = await context.newCDPSession(newer);
    await cdp.send('Network.clearBrowserCache');
    await newer.bringToFront();
    await opensForm(newer, info);
    await words(newer).fill('two moonfruits');
    await expect(newer.getByRole('heading', { name: /What we read 1 food/ })).toBeVisible();
    expect(await module(newer)).not.toBe(last);

    const other = await another({ baseURL: line.address });
    await signIn(other, info, email);
    await showsOnce(other, ['Moonfruit', 'Banana']);
    await other.close();
    await Promise.all([old, newer, page].map((tab) => tab.close()));
  } finally {
    await server.stop('SIGTERM');
    server.remove();
    next.remove();
  }
});

test('who signs out with something unsent is asked, and it waits for them, hidden from everybody else', async ({ page, line, another }, info) => {
  const email = await family(page, info);
  const child = new URL(page.url()).pathname;
  await logs(page, info, '3 tbsp oatmeal', 'Oat');
  await sent(page);
  line.away = /^\/api\/v1\/sync/;
  await logs(page, info, 'half a banana', 'Banana');
  await logs(page, info, '100 g pear', 'Pear');
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'On this device' })).toBeVisible();
  await expect(page.locator('.entry')).toHaveCount(2);
  await accessible(page, info);

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export' }).click(),
  ]);
  const chunks = await (await file.createReadStream()).toArray();
  expect(Buffer.concat(chunks).toString()).toContain('half a banana');
  await discards(page, page.locator('.entry').filter({ hasText: '100 g pear' }));
  await expect(page.locator('.entry')).toHaveCount(1);
  await expect(page.getByText('\u201chalf a banana\u201d')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${line.address}/`);
  expect(await stored(page, 'kept')).toEqual([]);
  expect(await stored(page, 'rows')).toEqual([]);
  expect(await stored(page, 'queue')).toHaveLength(1);
  await page.goto(child);
  await expect(page).toHaveURL(/\/sign-in\?next=/);

  // Somebody else on the same device: theirs is all they see, and all they send.
  line.away = null;
  const uploads = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/v1/sync')) uploads.push(request.postDataJSON());
  });
  await signUp(page, info);
  await addChild(page, info);
  await logs(page, info, '80 g blueberries', 'Blueberr');
  await showsOnce(page, ['Blueberr']);
  await expect.poll(() => uploads.flatMap(({ changes }) => changes).length).toBe(1);
  await expect(status(page)).toContainText('Up to date');
  await page.goto('/unsent');
  await expect(page.getByText('Everything you wrote has reached the server.')).toBeVisible();
  expect(JSON.stringify(uploads)).not.toContain('banana');
  expect(await stored(page, 'queue')).toHaveLength(1);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${line.address}/`);

  await signIn(page, info, email);
  await showsOnce(page, ['Oat', 'Banana']);
  await sent(page);
  const other = await another();
  await signIn(other, info, email);
  await showsOnce(other, ['Oat', 'Banana']);
});

test('an account that is deleted leaves nothing of it on the device, one that is not loses nothing', async ({ page, line }, info) => {
  await family(page, info);
  line.away = /^\/api\/v1\/sync/;
  await logs(page, info, 'half a banana', 'Banana');
  await opensForm(page, info);
  await words(page).fill('two eggs');
  const drafts = () => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('draft-')));
  await expect.poll(drafts).toHaveLength(1);
  await page.goto('/settings/account');
  await page.getByRole('link', { name: /Delete the account/ }).click();
  await page.getByLabel('Your password').fill('plums without porridge');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await stored(page, 'queue')).toHaveLength(1);
  expect(await drafts()).toHaveLength(1);
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByText('Your account and everything in it is deleted.')).toBeVisible();
  for (const store of ['kept', 'rows', 'queue']) await expect.poll(() => stored(page, store)).toEqual([]);
  expect(await drafts()).toEqual([]);
});

test('somebody else who is signed in here all at once sees and sends nothing of it', async ({ page, context, line, another }, info) => {
  const email = await family(page, info);
  await logs(page, info, '3 tbsp oatmeal', 'Oat');
  await sent(page);
  line.away = /^\/api\/v1\/sync/;
  await logs(page, info, 'half a banana', 'Banana');
  await expect(status(page)).toContainText('1 entry waits');
  // The session becomes another's under an open page, as it may in a browser that several use.
  const ben = await another();
  await signUp(ben, info);
  await addChild(ben, info);
  await settled(ben, info);
  const session = (await ben.context().cookies()).filter(({ name }) => name === 'tinytummy_session');
  await context.addCookies(session.map(({ name, value }) => ({ name, value, url: line.address })));
  const uploads = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/v1/sync')) uploads.push([request, request.postDataJSON()]);
  });
  await page.evaluate(() => { window.same = true; });
  line.away = null;
  await expect.poll(() => page.evaluate(() => window.same ?? 'loaded again').catch(() => 'loading'), { timeout: 20_000 }).toBe('loaded again');
  await expect.poll(() => stored(page, 'rows')).toEqual([]);
  await page.goto('/today');
  await expect(page.getByText('Nothing written down for this day yet.')).toBeVisible();
  await expect(status(page)).toContainText('Up to date', { timeout: 20_000 });
  expect((await stored(page, 'kept')).join()).not.toContain(email);
  expect(await stored(page, 'queue')).toHaveLength(1);
  // What named the banana was refused.
  for (const [request, { changes }] of uploads.filter(([, upload]) => JSON.stringify(upload).includes('banana'))) {
    expect(changes).toHaveLength(1);
    expect((await request.response())?.status() ?? 409).toBe(409);
  }
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, info, email);
  await showsOnce(page, ['Oat', 'Banana']);
  await sent(page);
});

test('what waits can be sent at once', async ({ page, line }, info) => {
  await family(page, info);
  // Nothing but a tap sends it within ten minutes.
  line.away = /^\/api\/v1\/events/;
  line.busy = /^\/api\/v1\/sync/;
  await logs(page, info, 'half a banana', 'Banana');
  await page.goto('/unsent');
  await expect(page.locator('.entry')).toHaveCount(1);
  await expect(status(page)).toContainText('The server is busy or in trouble. 1 entry waits');
  line.busy = null;
  await page.getByRole('button', { name: 'Send now' }).click();
  await expect(page.getByText('Everything you wrote has reached the server.')).toBeVisible();
  expect(await stored(page, 'queue')).toEqual([]);
});

test('a text that another app shares without a connection becomes a meal', async ({ page, line }, info) => {
  await family(page, info);
  await line.cut();
  await page.goto(`/log?${new URLSearchParams({ text: 'half a banana & 2 tbsp oatmeal' })}`);
  await expect(words(page)).toHaveValue('half a banana & 2 tbsp oatmeal');
  await expect(page.getByRole('heading', { name: /What we read 2 foods/ })).toBeVisible();
  await settled(page, info);
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(meals(page)).toContainText(/Banana.*Oat/);
  await line.mend();
  await sent(page);
});

// Nana, whom the parent let in; the path of the child.
async function nana(page, parent, info) {
  await signUp(parent, info);
  await addChild(parent, info);
  const child = new URL(parent.url()).pathname.match(/^\/children\/[0-9a-f-]+/)[0];
  const link = new URL(await invite(parent, info, child, address('nana', info), 'May look and log'));
  await page.goto(link.pathname + link.search);
  await page.getByRole('link', { name: 'Sign up', exact: true }).click();
  await fillSignUp(page, info, 'Nana');
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
  await settled(page, info);
  await worked(page);
  await kept(page);
  return child;
}

test('what one parent has half typed nobody else sees who signs in on the same device', async ({ page, line, another }, info) => {
  const parent = await another();
  const child = await nana(page, parent, info);
  await opensForm(page, info);
  await words(page).fill('half a banana');
  await expect.poll(() => page.evaluate(() => Object.values(localStorage).join())).toContain('half a banana');
  // Their page names them.
  const emails = [];
  for (const one of [page, parent]) {
    await one.goto('/settings/account');
    emails.push(await one.getByText('@example.org').first().innerText());
  }
  const becomes = async (email) => {
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(`${line.address}/`);
    await signIn(page, info, email);
    await page.goto(`${child}/log`);
    await settled(page, info);
  };
  await becomes(emails[1]);
  await expect(words(page)).toHaveValue('');
  await becomes(emails[0]);
  await expect(words(page)).toHaveValue('half a banana');
});

test('who was shut out meanwhile keeps the words and nothing of the child', async ({ page, line, another }, info) => {
  const parent = await another();
  const child = await nana(page, parent, info);
  await logs(page, info, 'half a banana', 'Banana');
  await sent(page);
  await line.cut();
  await logs(page, info, '100 g pear', 'Pear');
  await parent.goto(`${child}/caregivers`);
  await settled(parent, info);
  await parent.getByRole('button', { name: 'End access' }).click();
  await expect(parent.getByText('Has no access any more')).toBeVisible();

  await line.mend();
  await expect(status(page)).toContainText('1 entry could not be saved.', { timeout: 20_000 });
  await expect(meals(page)).toHaveCount(0);
  await expect.poll(() => stored(page, 'rows')).toEqual([]);
  expect((await stored(page, 'kept')).join()).not.toContain('Maximiliana');
  await page.getByRole('link', { name: 'See why' }).click();
  await expect(page.locator('.entry')).toContainText('\u201c100 g pear\u201d');
  await expect(page.locator('.entry')).toContainText('This child, or this meal, is no longer shared with you.');
  await accessible(page, info);
  await page.goto(child);
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  await parent.goto(child);
  await showsOnce(parent, ['Banana']);
});

test('who may only look meanwhile sees why a change was not taken, and what is there instead', async ({ page, line, another }, info) => {
  const parent = await another();
  const child = await nana(page, parent, info);
  await logs(page, info, '100 g pear', 'Pear');
  await sent(page);
  await line.cut();
  await page.locator('.meal__link').click();
  await page.locator('.amount__input').first().fill('25');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(meals(page)).toContainText('Pear 25 g');
  await parent.goto(`${child}/caregivers`);
  await settled(parent, info);
  await parent.getByRole('button', { name: 'Let them look only' }).click();
  await expect(parent.getByRole('button', { name: 'Let them log too' })).toBeVisible();

  await line.mend();
  await page.getByRole('link', { name: 'See why' }).click({ timeout: 20_000 });
  await expect(page.locator('.entry')).toContainText("You may look at this child's meals, but no longer change them.");
  await discards(page, page.locator('.entry'));
  await expect(page.getByText('Everything you wrote has reached the server.')).toBeVisible();
  await page.goto(child);
  await expect(meals(page)).toContainText(/Pear.* 100 g/);
  await expect(page.getByRole('link', { name: /^Log/ })).toHaveCount(0);
});

test('a field that the server does not take any more is said, and can be written again', async ({ page, line, another }, info) => {
  const email = await family(page, info);
  const child = new URL(page.url()).pathname.match(/^\/children\/[0-9a-f-]+/)[0];
  const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  await line.cut();
  await opensForm(page, info);
  await words(page).fill('half a banana');
  await page.locator('#date').fill(ago(5));
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(page).toHaveURL(new RegExp(`/days/${ago(5)}$`));
  await showsOnce(page, ['Banana']);
  // On another device the child turns out to be born later.
  const other = await another();
  await signIn(other, info, email);
  await other.goto(`${child}/profile`);
  await settled(other, info);
  await other.getByLabel('Date of birth').fill(ago(2));
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(other.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();

  await line.mend();
  await expect(status(page)).toContainText('1 entry could not be saved.', { timeout: 20_000 });
  await expect(meals(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'See why' }).click();
  await expect(page.locator('.entry')).toContainText('That is before your child was born.');
  await accessible(page, info);
  await page.getByRole('link', { name: 'Write it again' }).click();
  await expect(words(page)).toHaveValue('half a banana');
  await page.getByRole('button', { name: 'Save meal' }).click();
  await showsOnce(page, ['Banana']);
  await page.goto('/unsent');
  await discards(page, page.locator('.entry').filter({ hasText: 'before your child was born' }));
  await expect(page.getByText('Everything you wrote has reached the server.')).toBeVisible();
  expect(await stored(page, 'queue')).toEqual([]);
});

test('what one parent logs the other sees, without loading anything again', async ({ page, another }, info) => {
  const parent = await another();
  const child = await nana(page, parent, info);
  await parent.goto(child);
  await settled(parent, info);
  await expect(status(parent)).toContainText('Up to date');
  await Promise.all([page, parent].map((one) => one.evaluate(() => { window.same = true; })));
  await logs(page, info, 'half a banana', 'Banana');
  await expect.poll(() => meals(parent).allInnerTexts(), { timeout: 5000 }).toEqual([expect.stringMatching(/Banana[^]*Logged by Nana/)]);
  await logs(parent, info, '100 g pear', 'Pear');
  await expect.poll(() => meals(page).filter({ hasText: 'Pear' }).count(), { timeout: 5000 }).toBe(1);
  await meals(parent).filter({ hasText: 'Pear' }).locator('.meal__link').click();
  await parent.getByRole('button', { name: 'Delete this meal' }).click();
  await expect.poll(() => meals(page).filter({ hasText: 'Pear' }).count(), { timeout: 5000 }).toBe(0);
  await showsOnce(page, ['Banana']);
  for (const one of [page, parent]) expect(await one.evaluate(() => window.same)).toBe(true);
});

// From another device, on which the same account signs in.
async function signsOutTheFirst(other, info, email) {
  await signIn(other, info, email);
  await other.goto('/settings/account');
  await settled(other, info);
  await other.getByRole('button', { name: /^Sign out .*last seen/ }).click();
  await expect(other.getByText('That device is signed out.')).toBeVisible();
}

test('a device that was signed out elsewhere shows nothing, and what waited is sent after signing in', async ({ page, line, another }, info) => {
  const email = await family(page, info);
  await logs(page, info, 'half a banana', 'Banana');
  await sent(page);
  await line.cut();
  await logs(page, info, '100 g pear', 'Pear');
  const other = await another();
  await signsOutTheFirst(other, info, email);

  await line.mend();
  await expect(page).toHaveURL(/\/sign-in\?next=/, { timeout: 20_000 });
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect(meals(page)).toHaveCount(0);
  expect(await stored(page, 'kept')).toEqual([]);
  expect(await stored(page, 'rows')).toEqual([]);
  expect(await stored(page, 'queue')).toHaveLength(1);

  await signInHere(page, info, email);
  await showsOnce(page, ['Banana', 'Pear']);
  await sent(page);
  await other.goto('/today');
  await showsOnce(other, ['Banana', 'Pear']);
});

test('a tab that was signed out sends again once somebody has signed in beside it', async ({ page, context, line, another }, info) => {
  const email = await family(page, info);
  await line.cut();
  await logs(page, info, '100 g pear', 'Pear');
  await opensForm(page, info);
  await words(page).fill('two eggs');
  const other = await another();
  await signsOutTheFirst(other, info, email);
  await line.mend();
  await expect(status(page)).toContainText('You are signed out.', { timeout: 20_000 });
  await expect(words(page)).toHaveValue('two eggs');

  // The tab with the half typed meal still leads.
  const second = await context.newPage();
  await signIn(second, info, email);
  await sent(second);
  await showsOnce(second, ['Pear']);
  await expect(status(page)).toContainText('Up to date');
  await expect(words(page)).toHaveValue('two eggs');
});

test('what was logged lately is logged again with two taps', async ({ page, line }, info) => {
  await family(page, info);
  await logs(page, info, 'half a banana and 2 tbsp oatmeal', 'Banana');
  await line.cut();
  await opensForm(page, info);
  const again = page.getByRole('group', { name: 'Log again' });
  await expect(again).toBeVisible();
  await accessible(page, info);
  await again.getByRole('button', { name: 'half a banana and 2 tbsp oatmeal' }).click();
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(meals(page).filter({ hasText: /Banana.*Oat/ })).toHaveCount(2);
  await line.mend();
  await sent(page);
  await expect(meals(page)).toHaveCount(2);
});
