// What several tests do as a parent would, and what none of them may leave behind in the console.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';

export { expect };

// Any word in the console that is not meant for a developer fails the test.
export function listen(page, problems = []) {
  page.on('console', (message) => {
    // A refused form is answered with its status; the browser says so by itself. A file that is
    // missing has a dot in its name.
    const refused = /status of (401|402|403|404|409|410|422|426|429|503)/.test(message.text())
      && !/\.[a-z]+$/.test(message.location().url);
    if (message.type() === 'error' && !refused) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return problems;
}

export const test = base.extend({
  page: async ({ page }, use) => {
    const problems = listen(page);
    await use(page);
    expect(problems).toEqual([]);
  },
  // Somebody else with a browser of their own: `await another()` is their page.
  another: async ({ browser, contextOptions, baseURL }, use, info) => {
    const made = [];
    await use(async (options = {}) => {
      const { viewport, hasTouch, javaScriptEnabled } = info.project.use;
      const context = await browser.newContext({ ...contextOptions, baseURL, viewport, hasTouch, javaScriptEnabled, ...options });
      const page = await context.newPage();
      made.push({ context, problems: listen(page) });
      return page;
    });
    for (const { context } of made) await context.close();
    expect(made.flatMap(({ problems }) => problems)).toEqual([]);
  },
});

export const scripted = (info) => !info.project.name.includes('without');

// The wasm has taken over, on a page that has any.
export async function settled(page, info) {
  if (!scripted(info)) return;
  await expect(page.locator('html[data-hydrated], html:not(:has(script[data-module]))')).toHaveCount(1);
}

// The browser can read meals by itself.
export async function readsMeals(page, info) {
  if (scripted(info)) await expect(page.locator('html')).toHaveAttribute('data-foods', 'true');
}

export async function accessible(page, info) {
  await settled(page, info);
  if (!scripted(info)) return; // axe is a script
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`)).toEqual([]);
}

export const PASSWORD = 'plums and porridge';

let nth = 0;
export const address = (name, info) => `${name}-${info.workerIndex}-${Date.now()}-${nth++}@example.org`;

// The form of a page that is open already; an address that it knows is left as it is.
export async function fillSignUp(page, info, name, email) {
  await settled(page, info);
  await page.getByLabel('First name').fill(name);
  if (email) await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
}

export async function signUp(page, info) {
  const email = address('anna', info);
  await page.goto('/sign-up');
  await accessible(page, info);
  await fillSignUp(page, info, 'Anna', email);
  await expect(page.getByRole('heading', { name: 'Who is eating?' })).toBeVisible();
  return email;
}

export async function signIn(page, info, email) {
  await page.goto('/sign-in');
  await signInHere(page, info, email);
}

// On a page that is open already.
export async function signInHere(page, info, email) {
  await settled(page, info);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
}

export async function addChild(page, info) {
  await fillChild(page, info);
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
}

// The form of a first child.
export async function fillChild(page, info) {
  await settled(page, info);
  await accessible(page, info);
  const born = new Date(Date.now() - 250 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Name', { exact: true }).fill('Maximiliana-Konstantina');
  await page.getByLabel('Date of birth').fill(born);
  await page.getByLabel('Girl', { exact: true }).check();
  await page.getByLabel('Milk', { exact: true }).check();
  await page.getByLabel('Time zone').selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Add child' }).click();
}

// Somebody else, to the child at that path; the link that is sent to them.
export async function invite(page, info, child, email, role) {
  await page.goto(`${child}/caregivers`);
  await accessible(page, info);
  await page.getByLabel('Their e-mail address').fill(email);
  await page.getByLabel(role, { exact: true }).check();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(page.getByRole('heading', { name: `${email} is invited` })).toBeVisible();
  await accessible(page, info);
  return page.getByLabel('Copy this link').inputValue();
}
