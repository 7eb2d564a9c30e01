// The server that all tests share, gone with them.
import { Server } from './server.js';

const server = new Server(process.argv[2]);
const gone = server.start({ stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.process.kill('SIGTERM'));
const code = await gone;
server.remove();
process.exit(code ?? 1);
