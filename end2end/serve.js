// Starts the server with its private PostgreSQL in a directory of its own, gone with the tests.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'tt-'));
// PostgreSQL runs as somebody else where this runs as root.
chmodSync(directory, 0o755);
const server = spawn(process.env.TINYTUMMY_BIN, ['--listen', `127.0.0.1:${process.argv[2]}`, '--demo'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TINYTUMMY_DATA_DIR: join(directory, 'data'),
    DATABASE_URL: '',
    DATABASE_OWNER_URL: '',
    // What the free tier refuses is tested over HTTP; here every page is walked.
    TINYTUMMY_DEFAULT_TIER: 'premium',
  },
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.kill('SIGTERM'));
server.on('exit', (code) => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(code ?? 1);
});
