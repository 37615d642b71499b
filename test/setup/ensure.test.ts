import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const REPOSITORY = join(import.meta.dirname, '../..');
/** npm ci of a clone without network: notes the call and puts Node where the package `node` would. */
const NPM = `#!/bin/sh
echo "npm $*" >> calls.log
[ -f npm-fails ] && { echo "E404 no such package"; exit 1; }
mkdir -p node_modules/.bin node_modules/prisma/build node_modules/vite/bin
ln -sf "$PINNED" node_modules/.bin/node
cp fake-prisma.js node_modules/prisma/build/index.js
cp fake-vite.js node_modules/vite/bin/vite.js
`;
const PRISMA = `
const fs = require('node:fs');
fs.appendFileSync('calls.log', 'prisma ' + process.argv.slice(2).join(' ') + '\\n');
if (fs.readFileSync('prisma/schema.prisma', 'utf8') === 'wrong') { console.log('line 1: wrong'); process.exit(1); }
if (!fs.existsSync(process.env.PRISMA_SCHEMA_ENGINE_BINARY)) process.exit(9);
fs.mkdirSync('src/records/generated', { recursive: true });
`;
const VITE = `
const fs = require('node:fs');
fs.appendFileSync('calls.log', 'vite ' + process.argv.slice(2).join(' ') + '\\n');
fs.mkdirSync('src/web/dist', { recursive: true });
fs.writeFileSync('src/web/dist/index.html', '');
`;
const MAIN = `
const args: string[] = process.argv.slice(2);
if (args[0] === 'exit') process.exit(Number(args[1]));
if (args[0] === 'wait') { process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); }
if (args[0] === 'die') process.kill(process.pid, 'SIGKILL');
if (args[0] === 'echo') process.stdin.pipe(process.stdout);
else console.log(JSON.stringify({ args, version: process.versions.node }));
`;

let clone: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  clone = await realpath(await mkdtemp(join(tmpdir(), 'situs-clone-')));
  for (const path of ['src/setup', 'src/cli/situs.mjs']) {
    cpSync(join(REPOSITORY, path), join(clone, path), { recursive: true });
  }
  mkdirSync(join(clone, 'bin'));
  put('bin/npm', NPM);
  chmodSync(join(clone, 'bin/npm'), 0o755);
  put('fake-prisma.js', PRISMA);
  put('fake-vite.js', VITE);
  put('src/cli/main.ts', MAIN);
  put('package.json', '{"type":"module"}');
  put('package-lock.json', '{"packages":{}}');
  put('node_modules/package.json', '{"type":"commonjs"}');
  env = {
    ...process.env,
    PATH: `${join(clone, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    PINNED: process.execPath,
  };
  delete env['npm_execpath'];
});

afterEach(async () => {
  await rm(clone, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(join(clone, path, '..'), { recursive: true });
  writeFileSync(join(clone, path), text);
}

function node(...args: string[]) {
  const done = spawnSync(process.execPath, args, {
    cwd: clone,
    env,
    encoding: 'utf8',
    input: 'in',
  });
  return { code: done.status, signal: done.signal, out: done.stdout, err: done.stderr };
}

function ensure() {
  return node('src/setup/ensure.mjs');
}

/** What was run since the last time. */
function calls(): string[] {
  const log = join(clone, 'calls.log');
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(log);
  return lines;
}

const NPM_CI = 'npm ci --include=dev --include=optional';

describe('the setup of a bare clone', () => {
  it('does what is missing, once', () => {
    put('prisma/schema.prisma', 'one');
    put('src/web/vite.config.ts', '');
    put('src/contracts/index.ts', '');
    const first = ensure();
    expect(first.code).toBe(0);
    expect(first.out).toBe('');
    expect(first.err).toContain('packages: ready');
    expect(calls()).toEqual([NPM_CI, 'prisma generate --no-hints', 'vite build src/web']);
    expect(ensure().code).toBe(0);
    expect(calls()).toEqual([]);
  });

  it('goes without what the clone does not have yet', () => {
    expect(ensure().code).toBe(0);
    expect(calls()).toEqual([NPM_CI]);
  });

  it('does again what is out of date, and only that', () => {
    put('prisma/schema.prisma', 'one');
    put('src/web/vite.config.ts', '');
    put('src/web/pages/one.tsx', 'a');
    put('src/contracts/index.ts', '');
    ensure();
    calls();
    put('prisma/schema.prisma', 'two');
    ensure();
    expect(calls()).toEqual(['prisma generate --no-hints']);
    put('src/web/pages/one.tsx', 'b');
    ensure();
    expect(calls()).toEqual(['vite build src/web']);
    rmSync(join(clone, 'src/web/dist'), { recursive: true });
    rmSync(join(clone, 'src/records/generated'), { recursive: true });
    ensure();
    expect(calls()).toEqual(['prisma generate --no-hints', 'vite build src/web']);
    put('package-lock.json', '{"packages":{"node_modules/a":{"version":"2.0.0"}}}');
    ensure();
    expect(calls()[0]).toBe(NPM_CI);
  });

  it('accepts packages that someone else installed as locked', () => {
    const packages = { 'node_modules/a': { version: '1.0.0' } };
    const optional = { 'node_modules/b': { version: '1.0.0', optional: true } };
    put('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages, ...optional } }));
    ensure();
    calls();
    rmSync(join(clone, 'node_modules/.situs-setup'), { recursive: true });
    put('node_modules/.package-lock.json', JSON.stringify({ packages }));
    expect(ensure().code).toBe(0);
    expect(calls()).toEqual([]);
    rmSync(join(clone, 'node_modules/.situs-setup'), { recursive: true });
    put('node_modules/.package-lock.json', '{"packages":{"node_modules/a":{"version":"0.9.0"}}}');
    ensure();
    expect(calls()).toEqual([NPM_CI]);
  });

  it('says what failed, what it printed and what to do', () => {
    put('npm-fails', '');
    const npm = ensure();
    expect(npm.code).toBe(1);
    expect(npm.err).toContain('E404 no such package');
    expect(npm.err).toMatch(/npm ci failed.*registry/);
    rmSync(join(clone, 'npm-fails'));
    put('prisma/schema.prisma', 'wrong');
    const prisma = ensure();
    expect(prisma.code).toBe(1);
    expect(prisma.err).toContain('line 1: wrong');
    put('prisma/schema.prisma', 'right');
    expect(ensure().code).toBe(0);
  });

  it('runs one at a time', async () => {
    const both = [1, 2].map(() => {
      const child = spawn(process.execPath, ['src/setup/ensure.mjs'], { cwd: clone, env });
      return once(child, 'exit');
    });
    expect(await Promise.all(both)).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(calls()).toEqual([NPM_CI]);
  });
});

describe('the launcher', () => {
  it('runs the file with the pinned Node and gives its exit code, its output alone on stdout', () => {
    const { code, out } = node('src/setup/run.mjs', 'src/cli/main.ts', 'a', '--json', 'b c');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      args: ['a', '--json', 'b c'],
      version: process.versions.node,
    });
    expect(node('src/setup/run.mjs', 'src/cli/main.ts', 'exit', '3').code).toBe(3);
    expect(node('src/cli/situs.mjs', 'exit', '4').code).toBe(4);
  });

  it('dies of the signal that the program died of', () => {
    expect(node('src/cli/situs.mjs', 'die').signal).toBe('SIGKILL');
  });

  it('passes stdin through', () => {
    expect(node('src/cli/situs.mjs', 'echo').out).toBe('in');
  });

  it('passes signals on', async () => {
    ensure();
    const child = spawn(process.execPath, ['src/cli/situs.mjs', 'wait'], { cwd: clone, env });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('does not start the program when the setup failed', () => {
    put('npm-fails', '');
    const { code, out } = node('src/cli/situs.mjs', 'a');
    expect(code).toBe(1);
    expect(out).toBe('');
  });

  it('builds the web page only for what serves it', () => {
    put('src/web/vite.config.ts', '');
    put('src/contracts/index.ts', '');
    node('src/cli/situs.mjs', 'segment');
    expect(calls()).toEqual([NPM_CI]);
    node('src/cli/situs.mjs', 'serve');
    expect(calls()).toEqual(['vite build src/web']);
  });

  it('wants a file', () => {
    expect(node('src/setup/run.mjs')).toMatchObject({ code: 2 });
  });
});
