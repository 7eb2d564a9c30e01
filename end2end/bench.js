// See tools/bench-page. Prints a table.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from '@playwright/test';
import { Server, freePort } from './server.js';

const run = promisify(execFile);
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const spread = (took) => {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)]);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
};

const server = new Server(await freePort());
const base = `http://127.0.0.1:${server.port}`;
server.start();
const profile = mkdtempSync(join(tmpdir(), 'tt-bench-'));
try {
  await server.ready();
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM, args: ARGS, viewport: { width: 390, height: 844 },
  });
  const page = await signedIn(context);
  const child = new URL(page.url()).pathname;
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');

  await page.evaluate(() => navigator.serviceWorker.ready);
  await tap(page, `${base}${child}/log`);
  await size(page);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGS });
  await live(page, await signedIn(await browser.newContext()), `${base}${child}`);
  await browser.close();
  await context.close();

  for (const [name, path, headers] of [['Signing in', '/sign-in'], ['Today', child, { cookie }]]) {
    const scores = [];
    for (let turn = 0; turn < 5; turn += 1) scores.push(await lighthouse(`${base}${path}`, headers));
    const line = Object.keys(scores[0]).map((what) => `${what} ${median(scores.map((score) => score[what]))}`);
    console.log(`Lighthouse, ${name}, median of five: ${line.join(', ')}`);
  }
} finally {
  await server.stop('SIGTERM');
  server.remove();
  rmSync(profile, { recursive: true, force: true });
}

async function signedIn(context) {
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  await page.getByLabel('E-mail').fill('demo@tinytummy.example');
  await page.getByLabel('Password', { exact: true }).fill('porridge and plums');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Up to date').waitFor();
  return page;
}

// A form with these words in it, read and ready to be saved: on today's page, or so many days back.
async function types(page, log, words, back = 0) {
  const date = new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
  await page.goto(back ? `${log}?date=${date}` : log);
  await page.locator('html[data-foods]').waitFor();
  await page.getByLabel('In your own words').fill(words);
  await page.locator('.food-item').first().waitFor();
}

// From the tap on one device to the entry on another, through the server.
async function live(one, other, today) {
  const took = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const grams = `${turn + 311} g`;
    await types(one, `${today}/log`, `${grams} pear`);
    const seen = other.evaluate((text) => new Promise((done) => {
      const looks = new MutationObserver(() => {
        if (!document.body.innerText.includes(text)) return;
        looks.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(Date.now())));
      });
      looks.observe(document.body, { childList: true, subtree: true, characterData: true });
    }), grams);
    const tapped = await one.evaluate(() => {
      const now = Date.now();
      document.querySelector('.log__save button').click();
      return now;
    });
    took.push(await seen - tapped);
  }
  console.log(`Tap on Save to the entry on another device: ${spread(took)}`);
}

// From the tap to the entry on the page, on this device, before the server knows.
async function tap(page, log) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const took = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const grams = `${turn + 11} g`;
    // Each on another day, with the meals it has: after twenty on one day the page would be like nobody's.
    await types(page, log, `${grams} banana`, turn + 1);
    took.push(await page.evaluate((text) => new Promise((done) => {
      const seen = new MutationObserver(() => {
        if (![...document.querySelectorAll('.meal')].some((meal) => meal.textContent.includes(text))) return;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
      });
      seen.observe(document.body, { childList: true, subtree: true });
      const began = performance.now();
      document.querySelector('.log__save button').click();
    }), grams));
  }
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  console.log(`Tap on Save to the entry painted, CPU slowed four times: ${spread(took)}`);
}

async function size(page) {
  const { usage } = await page.evaluate(() => navigator.storage.estimate());
  console.log(`On the device, two children, three weeks: ${(usage / 1e6).toFixed(1)} MB`);
}

async function lighthouse(url, headers) {
  const { stdout } = await run(process.env.LIGHTHOUSE, [
    url, '--quiet', '--output=json', '--only-categories=performance,accessibility,best-practices',
    ...(headers ? [`--extra-headers=${JSON.stringify(headers)}`] : []),
    `--chrome-flags=${ARGS.join(' ')}`,
  ], { maxBuffer: 1 << 26, env: { ...process.env, CHROME_PATH: process.env.CHROMIUM } });
  const { categories, audits } = JSON.parse(stdout);
  return {
    performance: Math.round(categories.performance.score * 100),
    accessibility: Math.round(categories.accessibility.score * 100),
    'best practices': Math.round(categories['best-practices'].score * 100),
    'first paint ms': Math.round(audits['first-contentful-paint'].numericValue),
    'largest paint ms': Math.round(audits['largest-contentful-paint'].numericValue),
    'blocked ms': Math.round(audits['total-blocking-time'].numericValue),
  };
}
