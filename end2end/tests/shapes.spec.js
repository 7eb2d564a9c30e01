// A device that an earlier release left something on: what it kept is shown, and what waited is sent. The
// files hold what a browser had at each version of its storage; only whose it is and the day are ours.
import { readFileSync, readdirSync } from 'node:fs';
import { accessible, expect, scripted, signIn } from './parent.js';
import { discards, family, shell, status, test } from './device.js';

test.beforeEach(({}, info) => test.skip(!scripted(info), 'nothing is kept without a script'));

const FOLDER = new URL('../../domain/tests/device_shapes/', import.meta.url);
const meals = (page) => page.locator('.meal');

// Lays a shape down in place of what this release keeps, on a page where no app runs.
const lay = (page, shape) => page.evaluate(async ({ version, stores }) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const before = await done(indexedDB.open('tinytummy'));
  const found = await done(before.transaction('kept').objectStore('kept').openCursor(IDBKeyRange.lowerBound('child/')));
  const [, account, id] = found.key.split('/');
  const { seq } = JSON.parse(found.value);
  before.close();
  await done(indexedDB.deleteDatabase('tinytummy'));

  const known = stores.kept.entries.map(([key]) => key).find((key) => key.startsWith('child/'));
  const [, oldAccount, oldChild] = known.split('/');
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const [[day]] = JSON.stringify(stores.rows).matchAll(/\d{4}-\d\d-\d\d/g);
  const ours = (text) => text
    .replaceAll(oldAccount, account).replaceAll(oldChild, id).replaceAll(day, yesterday)
    .replace(/"seq":\d+/, `"seq":${seq}`);
  const opening = indexedDB.open('tinytummy', version);
  opening.onupgradeneeded = () => {
    for (const [name, { autoIncrement }] of Object.entries(stores)) opening.result.createObjectStore(name, { autoIncrement });
  };
  const database = await done(opening);
  const writing = database.transaction(Object.keys(stores), 'readwrite');
  for (const [name, { entries }] of Object.entries(stores)) {
    for (const [key, value] of entries) {
      writing.objectStore(name).put(ours(value), typeof key === 'string' ? ours(key) : key);
    }
  }
  await new Promise((resolve) => { writing.oncomplete = resolve; });
  database.close();
  return yesterday;
}, shape);

for (const file of readdirSync(FOLDER)) {
  test(`what a device kept at ${file.replace('.json', '')} is shown and sent`, async ({ page, line, another }, info) => {
    const shape = JSON.parse(readFileSync(new URL(file, FOLDER)));
    const email = await family(page, info);
    const child = new URL(page.url()).pathname.match(/^\/children\/[0-9a-f-]+/)[0];
    await page.goto('/settings');
    const yesterday = await lay(page, shape);

    await line.cut();
    await page.goto(`${child}/days/${yesterday}`);
    await expect(shell(page)).toHaveCount(1);
    for (const text of ['Oat', 'Banana', /Pear.* 25 g/]) await expect(meals(page).filter({ hasText: text })).toHaveCount(1);
    await expect(meals(page)).toHaveCount(3);
    await expect(status(page)).toContainText('5 entries wait');
    await accessible(page, info);

    await line.mend();
    await expect(status(page)).toContainText('Up to date', { timeout: 20_000 });
    await expect(status(page)).toContainText('1 entry could not be saved.');
    await page.getByRole('link', { name: 'See why' }).click();
    await expect(page.locator('.entry')).toContainText('\u201ca cup of tea\u201d');
    const other = await another();
    await signIn(other, info, email);
    await other.goto(`${child}/days/${yesterday}`);
    await expect(meals(other).filter({ hasText: 'Banana' })).toContainText('Not at this age: Honey');
    await expect(meals(other).filter({ hasText: 'Pear' })).toContainText('25 g');
    await expect(meals(other)).toHaveCount(2);
  });
}

test('an entry that only a newer release can read stays, is said and exported, and goes on the parent\'s word', async ({ page }, info) => {
  await family(page, info);
  await page.goto('/settings');
  await page.evaluate(() => new Promise((done) => {
    const account = JSON.parse(localStorage.getItem('account'));
    indexedDB.open('tinytummy').onsuccess = ({ target: { result: database } }) => {
      const writing = database.transaction('queue', 'readwrite');
      writing.objectStore('queue').add(JSON.stringify({ account, change: { noun: 'growth', fields: { weight_g: 8100 } } }));
      writing.oncomplete = () => { database.close(); done(); };
    };
  }));
  await page.goto('/today');
  await expect(status(page)).toContainText('1 entry could not be saved.');
  await expect(status(page)).toContainText('Up to date');
  await page.getByRole('link', { name: 'See why' }).click();
  await expect(page.locator('.entry')).toContainText('This version of TinyTummy cannot read it.');
  await accessible(page, info);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export' }).click()]);
  const [entry] = JSON.parse(Buffer.concat(await (await file.createReadStream()).toArray()));
  expect(entry.change.fields).toEqual({ weight_g: 8100 });
  await discards(page, page.locator('.entry'));
  await expect(page.getByText('Everything you wrote has reached the server.')).toBeVisible();
});
