// The database goes away, or the session ends, while a meal is half typed: nothing typed is lost.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addChild, expect, readsMeals, scripted, settled, signInHere, signUp, test } from './parent.js';
import { kept } from './device.js';

let address;
test.use({ baseURL: async ({}, use) => use(address) });
test.describe.configure({ mode: 'serial' });

const owner = new URL(process.env.TEST_DATABASE_URL);
const real = join(owner.searchParams.get('host'), '.s.PGSQL.5432');

function sql(statement) {
  const psql = join(process.env.TINYTUMMY_POSTGRES_DIR, 'bin/psql');
  execFileSync(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', statement, owner.href]);
}

// The server talks to PostgreSQL through this: cut, it is a database that is away.
class Line {
  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'tt-line-'));
    this.open = new Set();
  }

  async restore() {
    this.server = createServer((here) => {
      const there = connect(real);
      for (const [one, other] of [[here, there], [there, here]]) {
        this.open.add(one);
        one.on('close', () => { this.open.delete(one); other.destroy(); });
        one.on('error', () => other.destroy());
        one.pipe(other);
      }
    });
    await new Promise((done) => this.server.listen(join(this.directory, '.s.PGSQL.5432'), done));
  }

  async cut() {
    const closed = new Promise((done) => this.server.close(done));
    for (const socket of this.open) socket.destroy();
    await closed;
  }
}

let line;
let server;
let name;

test.beforeAll(async ({}, info) => {
  name = `away_${process.pid}_${info.workerIndex}`;
  sql(`create database ${name}`);
  owner.pathname = `/${name}`;
  line = new Line();
  await line.restore();
  const database = (role, host) => `postgres://${role}@localhost/${name}?host=${host}`;
  server = spawn(process.env.TINYTUMMY_BIN, ['--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      TINYTUMMY_LOG: 'error',
      DATABASE_URL: database(name, line.directory),
      DATABASE_OWNER_URL: database(owner.username, owner.searchParams.get('host')),
    },
  });
  // It says where it is once it is ready.
  address = await new Promise((found, lost) => {
    let said = '';
    server.stdout.on('data', (text) => {
      said += text;
      const at = /TinyTummy is at (\S+)/.exec(said);
      if (at) found(at[1]);
    });
    server.on('exit', () => lost(new Error(`the server ended: ${said}`)));
  });
});

test.afterAll(async () => {
  const ended = new Promise((done) => server.on('exit', done));
  server.kill('SIGTERM');
  await ended;
  await line.cut();
  rmSync(line.directory, { recursive: true, force: true });
});

async function halfTyped(page, info) {
  const email = await signUp(page, info);
  await addChild(page, info);
  await page.getByRole('link', { name: 'Log a meal' }).click();
  await expect(page.getByRole('heading', { name: /What did .* have\?/ })).toBeVisible();
  await settled(page, info);
  await readsMeals(page, info);
  // The family is on the device.
  if (scripted(info)) await kept(page);
  await page.getByLabel('In your own words').fill('half a banana');
  return email;
}

// The device remembers nothing: what is shown next is what the server has.
const forgetful = (page) => page.evaluate(async () => {
  await caches.delete('device');
  localStorage.removeItem('account');
});

const saved = async (page) => {
  await expect(page.locator('.meal')).toHaveCount(1);
  await expect(page.locator('.meal')).toContainText('Banana');
};

test('the database is away when a meal is saved', async ({ page }, info) => {
  await halfTyped(page, info);
  await line.cut();
  await page.getByRole('button', { name: 'Save meal' }).click();
  if (scripted(info)) {
    // Kept on the device, shown, and sent once that can be.
    await saved(page);
    await expect(page.locator('.status')).toContainText('1 entry waits');
    await line.restore();
    await expect(page.locator('.status')).toContainText('Up to date', { timeout: 30_000 });
  } else {
    await expect(page.getByText('Our notebook cannot be reached just now').first()).toBeVisible();
    // The page that comes back holds the text.
    await expect(page.getByLabel('What you wrote')).toHaveValue('half a banana');
    await line.restore();
    await page.getByRole('button', { name: 'Try again' }).click();
  }
  await saved(page);
  if (scripted(info)) await forgetful(page);
  await page.reload();
  await saved(page);
});

test('a page asked for while the database is away says so, and comes once it is back', async ({ page }, info) => {
  await signUp(page, info);
  await line.cut();
  const answer = await page.goto('/today');
  expect(answer.status()).toBe(503);
  await expect(page.getByRole('heading', { name: 'The notebook is closed for a moment' })).toBeVisible();
  await line.restore();
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Who is eating?' })).toBeVisible();
});

for (const [what, spoil] of [
  ['forged', (page) => page.context().addCookies([
    { name: 'tinytummy_session', value: '0'.repeat(64), url: address },
  ])],
  ['expired', () => sql("update sessions set expires_at = now() - interval '1 day'")],
]) {
  test(`the session is ${what} when a meal is saved`, async ({ page }, info) => {
    const email = await halfTyped(page, info);
    // Or the device may find out before the meal is saved; that is the next test.
    if (scripted(info)) await line.cut();
    await spoil(page);
    await page.getByRole('button', { name: 'Save meal' }).click();
    if (scripted(info)) {
      await saved(page);
      await expect(page.locator('.status')).toContainText('1 entry waits');
      await line.restore();
      // Whoever sits there now sees nothing; what was written waits for whoever wrote it.
      await expect(page).toHaveURL(/\/sign-in\?next=/, { timeout: 20_000 });
      await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
      await expect(page.locator('.meal')).toHaveCount(0);
      await signInHere(page, info, email);
      await saved(page);
      await expect(page.locator('.status')).toContainText('Up to date');
      await forgetful(page);
      await page.reload();
      await saved(page);
    } else {
      await expect(page.getByText('Please sign in.').first()).toBeVisible();
      await expect(page.getByLabel('What you wrote')).toHaveValue('half a banana');
      // Another page shows nothing either.
      await page.goto('/today');
      await expect(page).toHaveURL(/\/sign-in\?next=/);
    }
  });

  test(`the session is ${what} while a meal is half typed, and the device finds out`, async ({ page, context }, info) => {
    test.skip(!scripted(info), 'without a script nothing finds out');
    const email = await halfTyped(page, info);
    await spoil(page);
    // As when the app comes back to the front.
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect(page.locator('.status')).toContainText('You are signed out.');
    const words = page.getByLabel('In your own words');
    await expect(words).toHaveValue('half a banana');
    await page.getByRole('button', { name: 'Save meal' }).click();
    await expect(page.getByText('Please sign in.').first()).toBeVisible();
    await expect(words).toHaveValue('half a banana');
    // They sign in beside it, and come back.
    const [beside] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Sign in on a second page' }).click(),
    ]);
    await signInHere(beside, info, email);
    await beside.close();
    await page.getByRole('button', { name: 'Save meal' }).click();
    await saved(page);
  });
}
