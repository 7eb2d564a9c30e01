// A connection that can be cut: Playwright's own `setOffline` does not reach service workers.
import { createServer, request } from 'node:http';

export class Proxy {
  constructor(port) {
    this.port = port;
    // What the service worker's script becomes on its way: a newer version, for one.
    this.rewrite = (script) => script;
    // What an upload becomes on its way: one of an older app, for one.
    this.upload = null;
    // Paths that get no further than this, as where a server is down.
    this.away = null;
    // Paths that are answered with a request for ten minutes of patience.
    this.busy = null;
    // Paths whose answers are lost on the way back: the server did what it was asked, and nobody knows.
    this.lost = null;
    // How many were.
    this.losses = 0;
    // Called with each path whose request the server has whole.
    this.passed = () => {};
  }

  async start() {
    await this.mend();
    return `http://127.0.0.1:${this.own}`;
  }

  // Every connection breaks, and no other is to be had.
  async cut() {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }

  // At the same address as before.
  async mend() {
    this.server = createServer((asked, answer) => this.pass(asked, answer));
    await new Promise((done) => this.server.listen(this.own ?? 0, '127.0.0.1', done));
    this.own = this.server.address().port;
  }

  pass(asked, answer) {
    const { method, url, headers } = asked;
    if (this.away?.test(url)) {
      asked.socket.destroy();
      return;
    }
    if (this.busy?.test(url)) {
      asked.resume();
      answer.writeHead(503, { 'retry-after': '600' }).end();
      return;
    }
    const altered = this.upload && url.startsWith('/api/v1/sync');
    const ahead = request({ port: this.port, host: '127.0.0.1', method, path: url, headers }, async (there) => {
      if (this.lost?.test(url)) {
        // To its end: the server is through with it.
        await there.toArray();
        this.losses += 1;
        asked.socket.destroy();
        return;
      }
      const rewritten = url === '/sw.js' && !there.headers['content-encoding'];
      if (!rewritten) {
        answer.writeHead(there.statusCode, there.rawHeaders);
        // A stream may say nothing for a while.
        answer.flushHeaders();
        there.pipe(answer);
        return;
      }
      const script = this.rewrite((await there.setEncoding('utf8').toArray()).join(''));
      const { 'content-length': _, 'transfer-encoding': __, ...kept } = there.headers;
      answer.writeHead(there.statusCode, kept);
      answer.end(script);
    });
    // The worker's script is short; as it is, it can be changed.
    if (url === '/sw.js') ahead.removeHeader('accept-encoding');
    ahead.on('error', () => answer.destroy());
    answer.on('close', () => ahead.destroy());
    if (altered) {
      asked.setEncoding('utf8').toArray().then((text) => {
        const body = Buffer.from(this.upload(text.join('')));
        ahead.setHeader('content-length', body.length);
        ahead.end(body);
      }).catch(() => ahead.destroy());
    } else {
      asked.pipe(ahead);
    }
    asked.on('end', () => this.passed(url));
  }
}
