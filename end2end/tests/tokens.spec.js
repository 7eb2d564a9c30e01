// Tokens for programs: made, shown once, used, revoked; and the page that explains the API.
import { accessible, expect, scripted, settled, signUp, test } from './parent.js';

test('a token is shown once, opens what it may, and nothing once it is revoked', async ({ page, request }, info) => {
  await signUp(page, info);
  await page.goto('/settings');
  await settled(page, info);
  await page.getByRole('link', { name: 'Tokens' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Tokens' })).toBeVisible();
  await settled(page, info);
  await accessible(page, info);

  // Refused first: what was chosen stays.
  await page.getByLabel('Read and write').check();
  await page.getByLabel('How long does it live?').selectOption('a year');
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(page.getByRole('alert')).toContainText('what the token is for');
  await expect(page.getByLabel('Read and write')).toBeChecked();
  await settled(page, info);
  await accessible(page, info);

  await page.getByLabel('What is it for?').fill('Kitchen display');
  await page.getByRole('button', { name: 'Make token' }).click();
  const shown = page.locator('.key__text');
  await expect(shown).toHaveText(/^tt_[0-9a-f]{64}$/);
  await settled(page, info);
  await expect(shown).toHaveText(/^tt_[0-9a-f]{64}$/);
  await accessible(page, info);
  const key = await shown.textContent();
  expect(page.url()).not.toContain(key.slice(3));

  const headers = { authorization: `Bearer ${key}` };
  const account = await request.get('/api/v1/account', { headers });
  expect(account.status()).toBe(200);
  expect((await account.json()).token).toMatchObject({ name: 'Kitchen display', may_write: true, children: null });

  await page.goto('/settings/tokens');
  await settled(page, info);
  await expect(page.getByText('Kitchen display', { exact: true })).toBeVisible();
  await expect(page.getByText(/last used/)).toBeVisible();
  expect(await page.content()).not.toContain(key.slice(3));
  await page.getByRole('button', { name: 'Revoke Kitchen display' }).click();
  await expect(page.getByText('None yet.')).toBeVisible();
  expect((await request.get('/api/v1/account', { headers })).status()).toBe(401);
});

test('the API explains itself on a page without a script', async ({ page }, info) => {
  await page.goto('/api/v1/docs');
  await expect(page.getByRole('heading', { level: 1, name: 'API' })).toBeVisible();
  await accessible(page, info);
  await page.getByRole('link', { name: 'Log a meal, or change it' }).click();
  await expect(page.getByRole('heading', { name: 'Log a meal, or change it' })).toBeInViewport();
  if (!scripted(info)) return;
  // Nothing is wider than the screen.
  const { content, screen } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  expect(content).toBeLessThanOrEqual(screen);
});
