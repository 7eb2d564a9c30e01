// A second pair of hands: invited, let in, seen beside what she logged, made a reader, shut out.
import { accessible, address, expect, fillSignUp, invite, readsMeals, settled, test } from './parent.js';

// Anna with a child; the path of the child.
async function family(page, info) {
  await page.goto('/sign-up');
  await fillSignUp(page, info, 'Anna', address('anna', info));
  await settled(page, info);
  const born = new Date(Date.now() - 250 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Name', { exact: true }).fill('Pip');
  await page.getByLabel('Date of birth').fill(born);
  await page.getByLabel('Girl', { exact: true }).check();
  await page.getByLabel('Time zone').selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Add child' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
  return new URL(page.url()).pathname.match(/^\/children\/[0-9a-f-]+/)[0];
}

test('a caregiver is invited, logs, becomes a reader, and is shut out', async ({ another, page }, info) => {
  const child = await family(page, info);
  const email = address('nana', info);
  const link = await invite(page, info, child, email, 'May look and log');
  await page.goto(`${child}/caregivers`);
  await expect(page.getByLabel('Copy this link')).toHaveCount(0);
  await expect(page.getByText('Not answered yet')).toBeVisible();

  // She has no account yet, and comes back to the invitation once she does.
  const hers = await another();
  await hers.goto(link);
  await expect(hers.getByRole('heading', { name: 'Anna invites you to look after Pip' })).toBeVisible();
  await accessible(hers, info);
  await hers.getByRole('link', { name: 'Sign up', exact: true }).click();
  await expect(hers.getByLabel('E-mail')).toHaveValue(email);
  await fillSignUp(hers, info, 'Nana');
  await expect(hers.getByRole('button', { name: 'Accept' })).toBeVisible();
  await accessible(hers, info);
  await hers.getByRole('button', { name: 'Accept' }).click();
  await expect(hers.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();

  // What she logs is shown with her name, to others.
  await hers.getByRole('main').getByRole('link', { name: 'Log a meal' }).click();
  await settled(hers, info);
  await readsMeals(hers, info);
  await hers.getByLabel('In your own words').fill('half a banana');
  await hers.getByRole('button', { name: 'Save meal' }).click();
  await expect(hers.locator('.meal')).toContainText('Banana');
  await expect(hers.getByText('Logged by')).toHaveCount(0);
  await page.goto(child);
  await expect(page.locator('.meal')).toContainText('Logged by Nana');
  await accessible(page, info);

  // A reader looks, and is shown nothing to write with.
  await page.goto(`${child}/caregivers`);
  await settled(page, info);
  await page.getByRole('button', { name: 'Let them look only' }).click();
  await expect(page.getByRole('button', { name: 'Let them log too' })).toBeVisible();
  await hers.goto(child);
  await expect(hers.locator('.meal')).toContainText('Banana');
  // With the child on her device, once that has heard.
  await expect(hers.getByRole('link', { name: /^Log/ })).toHaveCount(0);
  await accessible(hers, info);
  await hers.locator('.meal__link').click();
  await expect(hers.getByText('In their words')).toBeVisible();
  await expect(hers.getByRole('button')).toHaveCount(0);
  await accessible(hers, info);
  await hers.goto(`${child}/profile`);
  await expect(hers.getByText('Born')).toBeVisible();
  await expect(hers.locator('form')).toHaveCount(0);
  await accessible(hers, info);
  await hers.goto(`${child}/caregivers`);
  await expect(hers.getByText('You may look, and change nothing.')).toBeVisible();
  await accessible(hers, info);

  // Shut out: from the next request on there is nothing.
  await page.getByRole('button', { name: 'End access' }).click();
  await expect(page.getByText('Has no access any more')).toBeVisible();
  for (const path of [child, `${child}/profile`, `${child}/history`]) {
    const answer = await hers.goto(path);
    // What her device opens by itself has no status of the server's.
    if (!answer.fromServiceWorker()) expect(answer.status()).toBe(404);
    await expect(hers.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  }
});

test('an invitation is for one address only', async ({ another, page }, info) => {
  const child = await family(page, info);
  const email = address('nana', info);
  const link = await invite(page, info, child, email, 'May look');

  const other = await another();
  await other.goto('/sign-up');
  await fillSignUp(other, info, 'Eve', address('eve', info));
  await expect(other.getByRole('heading', { name: 'Who is eating?' })).toBeVisible();
  await other.goto(link);
  await expect(other.getByText('You are signed in as')).toContainText(email);
  await expect(other.getByRole('button', { name: 'Accept' })).toHaveCount(0);
  await accessible(other, info);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(other.getByText('Use that address to answer it.')).toBeVisible();

  await page.getByRole('button', { name: 'Take invitation back' }).click();
  await expect(page.getByText('Has no access any more')).toBeVisible();
  expect((await other.goto(link)).status()).toBe(404);
  await expect(other.getByRole('heading', { name: 'This invitation is not open' })).toBeVisible();
  await accessible(other, info);
});

test('the rest of the profile waits behind a door', async ({ page }, info) => {
  const child = await family(page, info);
  await page.goto(`${child}/profile`);
  await accessible(page, info);
  await expect(page.getByLabel('Due date')).toBeHidden();
  await page.getByText('More about Pip').click();
  const due = new Date(Date.now() - 190 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Due date').fill(due);
  await page.getByLabel('Weight in kilograms').fill('7400');
  await page.getByLabel('Pediatrician', { exact: true }).fill('Dr. Nguyễn');
  await accessible(page, info);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('That looks like grams');
  await expect(page.getByLabel('Weight in kilograms')).toHaveValue('7400');
  await settled(page, info);
  await page.getByLabel('Weight in kilograms').fill('7,4');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Today/ })).toBeVisible();
  await page.goto(`${child}/profile`);
  await expect(page.getByText('8 months (6 months corrected)')).toBeVisible();
  await settled(page, info);
  await page.getByLabel('Pounds and inches').check();
  await page.getByRole('button', { name: 'Change units' }).click();
  await page.getByText('More about Pip').click();
  await expect(page.getByLabel('Weight in pounds and ounces')).toHaveValue('16 lb 5 oz');
});
