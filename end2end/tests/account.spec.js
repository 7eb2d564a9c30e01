// An account over its life: a password that will not do, another device, a new password, and the end.
// Wrong passwords are counted by address for a day, and all of these come from one: few are typed here.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

const scripted = (info) => !info.project.name.includes('without');

// Any word in the console that is not meant for a developer fails the test.
test.beforeEach(async ({ page }) => {
  page.problems = [];
  page.on('console', (message) => {
    // A refused form is answered with its status; the browser says so by itself.
    const refused = /status of (401|402|404|410|422|429)/.test(message.text());
    if (message.type() === 'error' && !refused) page.problems.push(message.text());
  });
  page.on('pageerror', (error) => page.problems.push(String(error)));
});
test.afterEach(async ({ page }) => expect(page.problems).toEqual([]));

async function settled(page, info) {
  if (scripted(info)) await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
}

async function accessible(page, info) {
  await settled(page, info);
  if (!scripted(info)) return; // axe is a script
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`)).toEqual([]);
}

const PASSWORD = 'plums and porridge';
let nth = 0;

async function signUp(page, info) {
  const email = `berta-${info.workerIndex}-${Date.now()}-${nth++}@example.org`;
  await page.goto('/sign-up');
  await settled(page, info);
  await page.getByLabel('First name').fill('Berta');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('tinytummy2026');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toContainText('among the first that are tried');
  await expect(page.getByLabel('E-mail')).toHaveValue(email);
  await settled(page, info);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Who is eating?' })).toBeVisible();
  return email;
}

async function signIn(page, info, email, password) {
  await page.goto('/sign-in');
  await settled(page, info);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function addChild(page, info, name) {
  await page.goto('/new-child');
  await settled(page, info);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Date of birth').fill(new Date(Date.now() - 250 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel('Girl', { exact: true }).check();
  await page.getByLabel('Time zone').selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Add child' }).click();
}

test('another device is seen, and signed out', async ({ page, browser }, info) => {
  const email = await signUp(page, info);
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await signIn(other, info, email, PASSWORD);
  await expect(other).not.toHaveURL(/sign-in/);

  await page.goto('/settings');
  await settled(page, info);
  await page.getByRole('link', { name: /Password, devices/ }).click();
  await expect(page.getByRole('heading', { name: 'Where you are signed in' })).toBeVisible();
  await accessible(page, info);
  await expect(page.getByText('this device')).toHaveCount(1);
  await page.getByRole('button', { name: /^Sign out .*last seen today/ }).click();
  await expect(page.getByText('That device is signed out.')).toBeVisible();
  await accessible(page, info);
  await other.goto('/settings');
  await expect(other).toHaveURL(/\/sign-in\?next=/);
  await elsewhere.close();
});

test('a password is changed, and the new one signs in', async ({ page }, info) => {
  const email = await signUp(page, info);
  await page.goto('/settings/account');
  await settled(page, info);
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password').fill('three green jackets');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('alert')).toContainText('That is not your password');
  await expect(page.getByLabel('New password')).toHaveValue('');
  await accessible(page, info);
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('three green jackets');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password is changed.')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('heading', { name: 'Did my baby get enough?' })).toBeVisible();
  await signIn(page, info, email, 'three green jackets');
  await expect(page).not.toHaveURL(/sign-in/);
});

test('a free account has one child, and takes it along when it goes', async ({ page }, info) => {
  await signUp(page, info);
  await addChild(page, info, 'Ottilie');
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
  await addChild(page, info, 'Konrad');
  await expect(page.getByRole('alert')).toContainText('room for one child');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Konrad');
  await accessible(page, info);

  await page.goto('/settings/account');
  await settled(page, info);
  await page.getByRole('link', { name: /Delete the account/ }).click();
  await expect(page.getByText('Ottilie: the profile and 0 meals')).toBeVisible();
  await accessible(page, info);
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByText('Your account and everything in it is deleted.')).toBeVisible();
  await accessible(page, info);
});

test('whoever forgot their password learns whom to ask', async ({ page }, info) => {
  await page.goto('/sign-in');
  await settled(page, info);
  await accessible(page, info);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The server of these tests has no mail.
  await expect(page.getByText('Ask whoever runs it')).toBeVisible();
  await accessible(page, info);
  await page.goto('/reset-password?token=0');
  await settled(page, info);
  await accessible(page, info);
  await page.getByLabel('New password').fill('three green jackets');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('used already or is too old');
});
