import { expect, scripted } from './parent.js';
import { family, opensForm, status, test, words } from './device.js';
test('events', async ({ page, context, line, another }, info) => {
  page.on('response', (r) => { if (/api\/v1/.test(r.url())) console.log(r.status(), r.url()); });
  const email = await family(page, info);
  console.log(await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name + ' ' + e.startTime + ' ' + e.duration).filter((n) => /api/.test(n))));
  console.log(await page.evaluate(() => new Promise((done) => {
    const said = [];
    const s = new EventSource('/api/v1/events');
    for (const n of ['open', 'news', 'error']) s.addEventListener(n, (e) => said.push(n + s.readyState));
    fetch('/api/v1/events').then((r) => said.push(r.status + r.headers.get('content-type')), (e) => said.push(String(e)));
    const at = location.href; setTimeout(() => done(said), 3000);
  })));

  const o = await another();
  o.on('response', (r) => { if (/api\/v1/.test(r.url())) console.log('O', r.status(), r.url()); });
  const { signIn } = await import('./parent.js');
  await signIn(o, info, email);
  await expect(o.locator('.status')).toContainText('Up to date');
  await opensForm(page, info);
  await words(page).fill('half a banana');
  await page.getByRole('button', { name: 'Save meal' }).click();
  await expect(page.locator('.status')).toContainText('Up to date');
  console.log('saved');
  await expect(o.locator('.meal')).toHaveCount(1);
});
