// Phone and desktop, with JavaScript and without, against one real server with a database of its own.
import { defineConfig } from '@playwright/test';

const port = process.env.TINYTUMMY_TEST_PORT;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };

export default defineConfig({
  testDir: 'tests',
  // The server is a development build and the machine may be small.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1,
  reporter: 'list',
  use: {
    actionTimeout: 10_000,
    baseURL: `http://127.0.0.1:${port}`,
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      // Root has no sandbox; a test machine has no network to look around in.
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  webServer: {
    command: `node serve.js ${port}`,
    url: `http://127.0.0.1:${port}/health/ready`,
    timeout: 90_000,
    stdout: 'ignore',
  },
  projects: [
    { name: 'phone', use: phone },
    { name: 'desktop', use: desktop },
    { name: 'phone without JavaScript', use: { ...phone, javaScriptEnabled: false } },
    { name: 'desktop without JavaScript', use: { ...desktop, javaScriptEnabled: false } },
  ],
});
