/**
 * The steps that make a clone ready to run, as data: each knows when it is needed and how it is done.
 * Plain JavaScript on purpose: it runs on any Node from 20 on, before a single package is installed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runNpm, runTool } from './commands.mjs';

const STAMPS = 'node_modules/.situs-setup';

/** A step that could not be done: the message says what failed, `next` what to do about it. */
export class SetupError extends Error {
  constructor(message, next, output = '') {
    super(message);
    this.next = next;
    this.output = output;
  }
}

/** In order: later steps use what earlier ones made. */
export const STEPS = [
  {
    name: 'packages',
    doing: 'installing the npm packages (npm ci)',
    fingerprint: (root) => hash([read(root, 'package-lock.json')]),
    isThere: (root) => existsSync(join(root, 'node_modules/.bin/node')),
    adopts: installedAsLocked,
    async make(root) {
      const done = await runNpm(root, ['ci', '--include=dev', '--include=optional']);
      if (done.code !== 0) {
        throw new SetupError(
          'The npm packages could not be installed (npm ci failed)',
          'Check that the npm registry can be reached and that package-lock.json fits package.json, then run the command again.',
          done.output,
        );
      }
      if (!existsSync(join(root, 'node_modules/.bin/node'))) {
        throw new SetupError(
          'npm ci did not install Node 24 (node_modules/.bin/node is missing)',
          'Allow install scripts (npm config set ignore-scripts false) and run the command again.',
          done.output,
        );
      }
    },
  },
  {
    name: 'database client',
    doing: 'generating the database client (prisma generate)',
    applies: (root) => existsSync(join(root, 'prisma/schema.prisma')),
    fingerprint: (root) =>
      hash([read(root, 'prisma/schema.prisma'), read(root, 'package-lock.json')]),
    isThere: (root) => existsSync(join(root, 'src/records/generated')),
    async make(root) {
      // Generating needs no schema engine, but Prisma would download one: any existing file keeps it from trying.
      const done = await runTool(root, 'prisma/build/index.js', ['generate', '--no-hints'], {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      });
      if (done.code !== 0) {
        throw new SetupError(
          'The database client could not be generated from prisma/schema.prisma',
          'Correct the schema as the output says.',
          done.output,
        );
      }
    },
  },
  {
    name: 'web page',
    doing: 'building the web page (vite build)',
    applies: (root) => existsSync(join(root, 'src/web/vite.config.ts')),
    fingerprint: (root) =>
      hash([
        read(root, 'package-lock.json'),
        ...sources(root, 'src/web'),
        ...sources(root, 'src/contracts'),
      ]),
    isThere: (root) => existsSync(join(root, 'src/web/dist/index.html')),
    async make(root) {
      const done = await runTool(root, 'vite/bin/vite.js', ['build', 'src/web'], {});
      if (done.code !== 0) {
        throw new SetupError(
          'The web page could not be built from src/web',
          'Correct the sources as the output says.',
          done.output,
        );
      }
    },
  },
];

/** Does one step when what it makes is missing or was made from other sources. */
export async function takeStep(step, root, say) {
  if (step.applies?.(root) === false) return;
  const stamp = join(root, STAMPS, step.name.replace(' ', '-'));
  const fingerprint = step.fingerprint(root);
  if (step.isThere(root)) {
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return;
    if (step.adopts?.(root) === true) {
      write(stamp, fingerprint);
      return;
    }
  }
  say(`${step.name}: ${step.doing} …`);
  const begin = process.hrtime.bigint();
  await step.make(root);
  write(stamp, fingerprint);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  say(`${step.name}: ready after ${seconds.toFixed(1)} s`);
}

/** True when node_modules holds what the lockfile asks for, e.g. after `npm ci` by hand. */
function installedAsLocked(root) {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages ?? {};
  const locked = JSON.parse(read(root, 'package-lock.json')).packages ?? {};
  return Object.entries(locked).every(
    ([path, entry]) =>
      path === '' ||
      (installed[path] === undefined
        ? entry.optional === true || entry.peer === true
        : installed[path].version === entry.version),
  );
}

function sources(root, folder) {
  const found = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'dist' && entry.name !== 'node_modules')
        found.push(...sources(root, path));
    } else if (entry.isFile()) {
      found.push(`${path}\0${read(root, path)}`);
    }
  }
  return found.sort();
}

function read(root, path) {
  return readFileSync(join(root, path), 'utf8');
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function hash(texts) {
  const sha = createHash('sha256');
  for (const text of texts) sha.update(`${text.length}:${text}`);
  return sha.digest('hex');
}
