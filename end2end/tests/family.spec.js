// A parent's first evening: sign up, add a child, log a meal, mend it, delete it, bring it back, sign out.
import { accessible, addChild, expect, readsMeals, scripted, settled, signUp, test } from './parent.js';

test('a first evening', async ({ page }, info) => {
  await page.goto('/');
  await settled(page, info);
  await accessible(page, info);
  const email = await signUp(page, info);
  await addChild(page, info);
  await settled(page, info);
  await expect(page.getByText('Nothing written down for this day yet.')).toBeVisible();
  await accessible(page, info);

  // Log.
  await page.getByRole('link', { name: 'Log a meal' }).click();
  await expect(page.getByRole('heading', { name: /What did .* have\?/ })).toBeVisible();
  await settled(page, info);
  const words = page.getByLabel('In your own words');
  if (scripted(info)) {
    await readsMeals(page, info);
    await words.pressSequentially('half a banana and 2 tsp honey');
    await expect(page.getByRole('heading', { name: 'Banana', exact: true })).toBeVisible();
  } else {
    await words.fill('half a banana and 2 tsp honey');
    await page.getByRole('button', { name: 'Show what it gives' }).click();
    await expect(page.getByRole('heading', { name: 'Banana', exact: true })).toBeVisible();
    await expect(words).toHaveValue('half a banana and 2 tsp honey');
  }
  await expect(page.locator('.warning--age').first()).toContainText('honey', { ignoreCase: true });
  await accessible(page, info);

  // Correct: the weight of the first food, and the second one goes.
  await page.locator('.amount__input').first().fill('40');
  await page.getByRole('button', { name: /^Remove Honey/ }).click();
  await expect(page.locator('.food-item:visible')).toHaveCount(1);
  if (scripted(info)) {
    await page.getByRole('button', { name: 'Add a food' }).click();
    await page.getByRole('combobox', { name: 'Which food?' }).fill('cheddar');
    await expect(page.getByRole('option').first()).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.locator('.food-item:visible')).toHaveCount(2);
    await expect(page.locator('.warning--allergy')).toBeVisible();
  } else {
    await page.locator('.amount__input').first().fill('40');
  }
  await page.getByRole('button', { name: 'Save meal' }).click();

  // Today.
  await expect(page).toHaveURL(/\/days\//);
  await expect(page.locator('.meal')).toHaveCount(1);
  await expect(page.locator('.meal')).toContainText('Banana 40 g');
  await expect(page.getByText('Dietary Reference Intakes')).toBeVisible();
  await settled(page, info);
  await accessible(page, info);

  // Edit.
  await page.locator('.meal__link').first().click();
  await expect(page.getByRole('button', { name: 'Save changes' })).toBeVisible();
  await settled(page, info);
  await accessible(page, info);
  await page.locator('.amount__input').first().fill('25');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator('.meal')).toContainText('Banana 25 g');

  // Delete, and undo.
  await page.locator('.meal__link').first().click();
  await page.getByRole('button', { name: 'Delete this meal' }).click();
  await expect(page.getByText('Meal deleted.')).toBeVisible();
  await expect(page.locator('.meal')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.meal')).toContainText('Banana 25 g');

  // History, settings, sign out.
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.locator('.day')).toHaveCount(1);
  await accessible(page, info);
  await page.getByRole('link', { name: 'More' }).click();
  await expect(page.getByText(email)).toBeVisible();
  await accessible(page, info);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Did my baby get enough?' })).toBeVisible();
  await page.goto('/settings');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test('a form that is refused keeps what was typed, never the password', async ({ page }, info) => {
  await page.goto('/sign-up');
  await settled(page, info);
  await page.getByLabel('First name').fill('<b>O\'Hara"); drop table users; --');
  await page.getByLabel('E-mail').fill('not an address');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toContainText('does not look like an e-mail address');
  await expect(page.getByRole('alert')).toContainText('10 characters or more');
  await expect(page.getByLabel('First name')).toHaveValue('<b>O\'Hara"); drop table users; --');
  await expect(page.getByLabel('Password')).toHaveValue('');
  await settled(page, info);
  await accessible(page, info);
});

test('900 kg of banana is asked about and not stored', async ({ page }, info) => {
  await signUp(page, info);
  await addChild(page, info);
  await page.getByRole('link', { name: 'Log a meal' }).click();
  await settled(page, info);
  await readsMeals(page, info);
  await page.getByLabel('In your own words').fill('900 kg of banana');
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('In your own words')).toHaveValue('900 kg of banana');
  await page.locator('.question').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(page.locator('.meal')).toHaveCount(1);
});

test("another family's child is not there", async ({ page }, info) => {
  await signUp(page, info);
  const answer = await page.goto('/children/01900000-0000-7000-8000-000000000000');
  expect(answer.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
});
