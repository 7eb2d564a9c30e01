// A server with its private PostgreSQL in a directory of its own. It may be killed and started again.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A port that nobody listens at.
export const freePort = () => new Promise((done) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

export class Server {
  constructor(port) {
    this.port = port;
    this.directory = mkdtempSync(join(tmpdir(), 'tt-'));
    // PostgreSQL runs as somebody else where this runs as root.
    chmodSync(this.directory, 0o755);
  }

  // Of another release, where one is given.
  start({ stdio = 'ignore', release } = {}) {
    this.process = spawn(release?.program ?? process.env.TINYTUMMY_BIN, ['--listen', `127.0.0.1:${this.port}`, '--demo'], {
      stdio,
      env: {
        ...process.env,
        TINYTUMMY_DATA_DIR: join(this.directory, 'data'),
        DATABASE_URL: '',
        DATABASE_OWNER_URL: '',
        // What the free tier refuses is tested over HTTP; here every page is walked.
        TINYTUMMY_DEFAULT_TIER: 'premium',
        ...release?.env,
      },
    });
    this.gone = new Promise((done) => { this.process.on('exit', done); });
    return this.gone;
  }

  async ready() {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      if (this.process.exitCode !== null) throw new Error('The server did not start.');
      await new Promise((later) => { setTimeout(later, 100); });
    }
  }

  // `SIGKILL` as a power cut would, or `SIGTERM`.
  async stop(signal) {
    this.process.kill(signal);
    await this.gone;
  }

  remove() {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
