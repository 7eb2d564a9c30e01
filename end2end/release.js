// A release of its own: the same program, with files of other names and bytes, and with foods of its own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, linkSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

// A section that browsers pass over: a name, and nothing else.
const section = Buffer.from([0, 5, 4, ...Buffer.from('next')]);

// Each kind's bytes, changed, and what they say of the others.
const changed = {
  wasm: (bytes) => Buffer.concat([bytes, section]),
  css: (bytes) => Buffer.concat([bytes, Buffer.from('\n/* next */\n')]),
  js: (bytes, names) => Buffer.from(names.reduce((text, [was, is]) => text.replaceAll(was, is), `${bytes}\n// next\n`)),
};

export class Release {
  constructor(foods) {
    this.directory = mkdtempSync(join(tmpdir(), 'tt-'));
    const { TINYTUMMY_BIN: program, LEPTOS_SITE_ROOT: site } = process.env;
    this.program = join(this.directory, basename(program));
    try {
      linkSync(program, this.program);
    } catch {
      copyFileSync(program, this.program); // another disk
    }
    this.site = join(this.directory, 'site');
    cpSync(site, this.site, { recursive: true });
    const pkg = join(this.site, 'pkg');
    const names = [];
    for (const kind of ['wasm', 'css', 'js']) {
      const was = readdirSync(pkg).find((name) => name.endsWith(`.${kind}`));
      const bytes = changed[kind](readFileSync(join(pkg, was)), names);
      const is = was.replace(/\.\w+\.(\w+)$/, `.${hash(bytes)}.$1`);
      for (const packed of ['', '.br', '.gz']) rmSync(join(pkg, was + packed), { force: true });
      writeFileSync(join(pkg, is), bytes);
      names.push([was, is]);
    }
    const hashes = names.map(([, is]) => is.split('.').slice(-2)).map(([of, kind]) => `${kind}: ${of}\n`);
    writeFileSync(join(this.directory, 'hash.txt'), hashes.join(''));
    this.foods = join(this.directory, 'foods.bin');
    const tables = Object.entries(foods).map(([name, lines]) => {
      const path = join(this.directory, `${name}.csv`);
      writeFileSync(path, `${lines.join('\n')}\n`);
      return [`--${name}`, path];
    });
    execFileSync(this.program, ['foods', 'build', '--name', 'next-1', ...tables.flat(), '--out', this.foods]);
  }

  // What a server of this release is started with.
  get env() {
    return { LEPTOS_SITE_ROOT: this.site, TINYTUMMY_FOODS: this.foods };
  }

  remove() {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
