// A device that keeps things: a browser with a profile on the disk, behind a line that can be cut. It may
// be closed and opened again.
import { chromium } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Proxy } from '../proxy.js';
import { addChild, expect, listen, readsMeals, settled, signUp, test as base } from './parent.js';

export const test = base.extend({
  line: async ({}, use) => {
    const line = new Proxy(process.env.TINYTUMMY_TEST_PORT);
    line.address = await line.start();
    await use(line);
    await line.cut().catch(() => {});
  },
  device: async ({ line, launchOptions }, use, info) => {
    const profile = mkdtempSync(join(tmpdir(), 'tt-profile-'));
    const device = new Device(profile, { ...launchOptions, ...info.project.use, baseURL: line.address });
    await device.open();
    await use(device);
    await device.close();
    rmSync(profile, { recursive: true, force: true });
    // Without a connection the browser says so by itself.
    expect(device.problems.filter((problem) => !/net::ERR_|Failed to fetch/.test(problem))).toEqual([]);
  },
  context: async ({ device }, use) => use(device.context),
  page: async ({ device }, use) => use(device.page),
});

class Device {
  constructor(profile, { launchOptions: _, defaultBrowserType: __, ...options }) {
    this.profile = profile;
    this.options = { ...options, headless: true };
    this.problems = [];
  }

  // Its page, as the app icon opens one.
  async open() {
    this.context = await chromium.launchPersistentContext(this.profile, this.options);
    const overhear = (page) => { listen(page, this.problems); };
    this.context.pages().forEach(overhear);
    this.context.on('page', overhear);
    this.page = this.context.pages()[0] ?? await this.context.newPage();
    return this.page;
  }

  async close() {
    await this.context.close();
  }
}

// The worker is installed and answers for the page.
export const worked = (page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
  }
});

export const shell = (page) => page.locator('html[data-shell]');

// The line that says how fresh it all is, and what waits.
export const status = (page) => page.locator('.status');

export async function family(page, info) {
  const email = await signUp(page, info);
  await addChild(page, info);
  await settled(page, info);
  await worked(page);
  await kept(page);
  return email;
}

export const words = (page) => page.getByLabel('In your own words');

// The form of a meal, opened by its link and ready.
export async function opensForm(page, info) {
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  await expect(page.getByRole('heading', { name: /What did .* have\?/ })).toBeVisible();
  await settled(page, info);
  await readsMeals(page, info);
}

// The family's data is on the device: from here on the app opens from it.
export const kept = (page) => expect.poll(() => page.evaluate(async () => (
  Boolean(await caches.match('/signed-in', { cacheName: 'device' }))
))).toBe(true);

// Gives up an entry of the page "On this device", which asks first.
export async function discards(page, entry) {
  const button = entry.getByRole('button', { name: 'Discard' });
  page.once('dialog', (dialog) => dialog.dismiss());
  await button.click();
  await expect(entry).toHaveCount(1);
  page.once('dialog', (dialog) => dialog.accept());
  await button.click();
}
