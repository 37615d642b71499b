import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const REPOSITORY = join(import.meta.dirname, '../..');
const CHECKS = [
  'typescript/bin/tsc',
  'eslint/bin/eslint.js',
  'dependency-cruiser/bin/dependency-cruiser.mjs',
  'prettier/bin/prettier.cjs',
];
const JEST = 'jest/bin/jest.js';

let clone: string;

beforeEach(async () => {
  clone = await realpath(await mkdtemp(join(tmpdir(), 'situs-test-command-')));
  for (const path of ['src/setup', 'src/contracts']) {
    cpSync(join(REPOSITORY, path), join(clone, path), { recursive: true });
  }
  put('package.json', '{"type":"module"}');
  put('node_modules/package.json', '{"type":"commonjs"}');
  // The words that all rooms share are checked with it.
  symlinkSync(join(REPOSITORY, 'node_modules/zod'), join(clone, 'node_modules/zod'));
  for (const tool of CHECKS) tell(tool, 0);
  reports({ numPassedTests: 12, numFailedTests: 0 }, 0);
});

afterEach(async () => {
  await rm(clone, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(join(clone, path, '..'), { recursive: true });
  writeFileSync(join(clone, path), text);
}

/** A tool that prints and ends as it is told. */
function tell(tool: string, code: number, says = ''): void {
  put(
    join('node_modules', tool),
    `console.log(${JSON.stringify(says)}); process.exitCode = ${code};`,
  );
}

/** A jest that writes these numbers where it is asked to. */
function reports(numbers: object, code: number): void {
  const script = `
    const file = process.argv.find((one) => one.startsWith('--outputFile=')).slice(13);
    require('node:fs').writeFileSync(file, ${JSON.stringify(JSON.stringify(numbers))});
    console.error('jest was given ' + process.argv.slice(2).filter((one) => !one.startsWith('--')));
    process.exitCode = ${code};`;
  put(join('node_modules', JEST), script);
}

function npmTest(...args: string[]) {
  const done = spawnSync(process.execPath, ['src/setup/test.ts', ...args], {
    cwd: clone,
    encoding: 'utf8',
  });
  const lines = done.stdout.trimEnd().split('\n');
  return { code: done.status, out: done.stdout, err: done.stderr, last: lines.at(-1) };
}

describe('npm test', () => {
  it('ends with the numbers', () => {
    expect(npmTest()).toMatchObject({ code: 0, last: '12 passed, 0 failed' });
  });

  it('passes its arguments to jest', () => {
    expect(npmTest('test/archive').err).toContain('jest was given test/archive');
  });

  it('counts failed tests and suites that could not run', () => {
    reports({ numPassedTests: 9, numFailedTests: 2, numRuntimeErrorTestSuites: 1 }, 1);
    expect(npmTest()).toMatchObject({ code: 1, last: '9 passed, 3 failed' });
  });

  it.each(CHECKS)('fails with %s, says so, shows why, and runs the tests all the same', (tool) => {
    tell(tool, 1, 'line 7 is wrong');
    const result = npmTest();
    expect(result).toMatchObject({ code: 1, last: '12 passed, 1 failed' });
    expect(result.out).toMatch(/=== .* FAILED ===\nline 7 is wrong/);
  });

  it('fails when jest does though no test did, e.g. for its thresholds', () => {
    reports({ numPassedTests: 12, numFailedTests: 0 }, 1);
    expect(npmTest()).toMatchObject({ code: 1, last: '12 passed, 1 failed' });
  });

  it('fails when jest ends without a report', () => {
    tell(JEST, 1);
    const result = npmTest();
    expect(result).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
    expect(result.out).toContain('jest FAILED before it could report');
  });

  it('says how many were skipped', () => {
    reports({ numPassedTests: 12, numFailedTests: 0, numPendingTests: 3 }, 0);
    const result = npmTest();
    expect(result).toMatchObject({ code: 0, last: '12 passed, 0 failed' });
    expect(result.out).toContain('3 skipped');
  });
});
