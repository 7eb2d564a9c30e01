// The app on a home screen: it can be installed, opens without a connection, takes what others share,
// and changes to a newer version when it is told to.
import { PASSWORD, accessible, address, expect, fillChild, scripted, settled } from './parent.js';
import { family, kept, opensForm, shell, test, words, worked } from './device.js';

test.beforeEach(({}, info) => test.skip(!scripted(info), 'a service worker is a script'));

const needsConnection = (page) => page.getByRole('heading', { name: 'This page needs a connection' });

test('a browser offers to install it', async ({ page, context }, info) => {
  await page.goto('/sign-in');
  const cdp = await context.newCDPSession(page);
  const { errors, data } = await cdp.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(JSON.parse(data).name).toBe('TinyTummy');
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
});

test('with data on the device it opens without a connection', async ({ page, line }, info) => {
  await family(page, info);
  await line.cut();

  await page.goto('/today');
  await expect(shell(page)).toHaveCount(1);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByText('Today')).toBeVisible();
  await accessible(page, info);

  // A page that is the server's says so, once, and does not load itself again for ever.
  let loads = 0;
  page.on('domcontentloaded', () => { loads += 1; });
  await page.getByRole('link', { name: 'More' }).click();
  await expect(needsConnection(page)).toBeVisible();
  await accessible(page, info);
  expect(page.url()).toMatch(/\/settings$/);
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(needsConnection(page)).toBeVisible();
  expect(loads).toBeLessThanOrEqual(2);

  await page.getByRole('link', { name: 'Go to today' }).click();
  await expect(shell(page)).toHaveCount(1);
  await expect(page).toHaveURL(/\/children\//);
  // Where it was led on from is no stop on the way back.
  await page.goBack();
  await line.mend();
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'More' })).toBeVisible();
});

test('a page that the shell does not know is not loaded again for ever', async ({ page, line }, info) => {
  // A worker of another version than the app it opens.
  line.rewrite = (script) => script.replace('"pages":[', '"pages":["/settings",');
  await family(page, info);
  await page.goto('/settings');
  await expect(needsConnection(page)).toBeVisible();
  await expect(shell(page)).toHaveCount(1);
  await page.getByRole('link', { name: 'Go to today' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
});

test('the shell loads what it shows, and a meal is logged in it', async ({ page }, info) => {
  await family(page, info);
  await page.goto('/today');
  await expect(shell(page)).toHaveCount(1);
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
  await expect(page).toHaveTitle('Today \u00b7 TinyTummy');
  await opensForm(page, info);
  await words(page).fill('half a banana');
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(page.locator('.meal')).toContainText('Banana');
  // Saved is no longer half typed.
  await opensForm(page, info);
  await expect(words(page)).toHaveValue('');
  await accessible(page, info);
});

test('the shell is drawn in the look that was chosen', async ({ page }, info) => {
  await family(page, info);
  await page.goto('/settings');
  await page.getByLabel('Dark, for the night').check();
  await page.getByRole('region', { name: 'Light and dark' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.goto('/today');
  await expect(page.locator('html[data-shell][data-theme="dark"]')).toHaveCount(1);
});

test('whoever is signed out gets no shell', async ({ page, line }, info) => {
  await family(page, info);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${line.address}/`);
  await page.goto('/today');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(shell(page)).toHaveCount(0);
  await line.cut();
  await page.goto('/today');
  await expect(needsConnection(page)).toBeVisible();
  await expect(shell(page)).toHaveCount(0);
});

test('signing out holds even if its answer is lost', async ({ page, line }, info) => {
  await family(page, info);
  await page.goto('/settings');
  await line.cut();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(() => page.url()).toMatch(/^chrome-error:/);
  await page.goto('/today');
  await expect(needsConnection(page)).toBeVisible();
  await expect(shell(page)).toHaveCount(0);
});

test('a session that has ended is not shown from the device', async ({ page, context, line }, info) => {
  await family(page, info);
  // Ended elsewhere: the browser does not know yet.
  await context.addCookies([{ name: 'tinytummy_session', value: '0'.repeat(64), url: line.address }]);
  await page.goto('/today');
  // The shell finds out, and goes there by itself.
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await line.cut();
  await page.goto('/today');
  await expect(needsConnection(page)).toBeVisible();
  await expect(shell(page)).toHaveCount(0);
});

test('a text that another app shares becomes a meal to look at', async ({ page }, info) => {
  const shared = `/log?${new URLSearchParams({ title: 'Lunch', text: 'half a banana & 2 tbsp oatmeal', url: 'https://example.org/' })}`;
  await page.goto(shared);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('E-mail').fill(address('shared', info));
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  // Nobody to log for yet: the text waits for the first child.
  await expect(page.getByText('First your child, then the meal: \u201chalf a banana & 2 tbsp oatmeal\u201d')).toBeVisible();
  await fillChild(page, info);
  await expect(words(page)).toHaveValue('half a banana & 2 tbsp oatmeal');

  for (const opened of [false, true]) {
    // From the server first, then from the shell.
    if (opened) {
      await worked(page);
      await kept(page);
    }
    await page.goto(shared);
    await expect(shell(page)).toHaveCount(opened ? 1 : 0);
    await expect(words(page)).toHaveValue('half a banana & 2 tbsp oatmeal');
    await expect(page.getByRole('heading', { name: /What we read 2 foods/ })).toBeVisible();
    await settled(page, info);
  }
  // Changed in the middle and loaded again: it comes once, as it was left.
  await words(page).fill('half a pear & 2 tbsp oatmeal');
  await page.reload();
  await settled(page, info);
  await expect(words(page)).toHaveValue('half a pear & 2 tbsp oatmeal');
  // Another one goes beside it.
  await page.goto('/log?text=two%20eggs');
  await expect(words(page)).toHaveValue('half a pear & 2 tbsp oatmeal\ntwo eggs');
  await page.getByRole('link', { name: 'Close without saving' }).click();
  await expect(page.getByText('Nothing written down for this day yet.')).toBeVisible();
});

test('a newer version waits to be wanted, and takes no half-typed meal away', async ({ page, context, line }, info) => {
  await family(page, info);
  await opensForm(page, info);
  await words(page).fill('half a banana');
  await page.evaluate(() => { window.same = true; });
  const other = await context.newPage();
  await other.goto(page.url());
  await settled(other, info);
  await other.evaluate(() => { window.same = true; });

  line.rewrite = (script) => script.replace(/"version":"\w+"/, '"version":"newer"');
  await page.bringToFront();
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  const banner = page.getByText('A new version is ready.');
  await expect(banner).toBeVisible();
  await accessible(page, info);
  await expect(words(page)).toHaveValue('half a banana');
  await words(page).fill('half a banana and an egg');
  expect(await page.evaluate(() => window.same)).toBe(true);

  await page.getByRole('button', { name: 'Update' }).click();
  await expect.poll(() => page.evaluate(() => window.same ?? 'loaded again').catch(() => 'loading')).toBe('loaded again');
  await expect(words(page)).toHaveValue('half a banana and an egg');
  await expect(page.getByRole('heading', { name: /What we read 2 foods/ })).toBeVisible();
  await expect(banner).toHaveCount(0);
  await accessible(page, info);
  expect(await page.evaluate(() => caches.keys())).toContain('assets-newer');
  // The other page is somebody else's business.
  expect(await other.evaluate(() => window.same)).toBe(true);

  await page.getByRole('button', { name: 'Start afresh' }).click();
  await expect(words(page)).toHaveValue('');
  // As an earlier release kept it, which named no account.
  const child = new URL(page.url()).pathname.split('/')[2];
  await page.evaluate((key) => localStorage.setItem(key, JSON.stringify('two eggs')), `draft-${child}`);
  await page.reload();
  await expect(words(page)).toHaveValue('two eggs');
  await page.getByRole('button', { name: 'Start afresh' }).click();
  await page.reload();
  await expect(words(page)).toHaveValue('');
});

test('later is an answer', async ({ page, line }, info) => {
  await family(page, info);
  line.rewrite = (script) => script.replace(/"version":"\w+"/, '"version":"newer"');
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.getByRole('button', { name: 'Later' }).click();
  await expect(page.getByText('A new version is ready.')).toHaveCount(0);
});
