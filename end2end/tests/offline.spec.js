// Without a connection: what is written waits on the device, is sent once when it can be, and is nobody
// else's to see. The line is cut between the browser and the server; the browser itself is not told.
import { accessible, addChild, address, expect, fillSignUp, invite, scripted, settled, signIn, signInHere, signUp } from './parent.js';
import { family, kept, opensForm, shell, status, test, words, worked } from './device.js';

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
