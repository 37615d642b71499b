/**
 * `npm test`: the static checks, then every test. Arguments go to jest, e.g. `npm test -- test/archive`.
 * The last line is always `N passed, N failed`; a static check that fails counts as one failure.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../contracts/index.ts';
import { ensureOrthanc } from './orthanc-program.ts';

interface Check {
  readonly name: string;
  /** Path inside node_modules. */
  readonly tool: string;
  readonly args: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');
/** Guards against a check that hangs: what still runs then is ended and named. */
const LIMIT_MS = 45 * 60_000;
const CHECKS: readonly Check[] = [
  { name: 'types (tsc)', tool: 'typescript/bin/tsc', args: ['--noEmit'] },
  {
    name: 'lint (eslint)',
    tool: 'eslint/bin/eslint.js',
    args: ['src', 'test', '*.config.ts'],
  },
  {
    name: 'room boundaries (dependency-cruiser)',
    tool: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.mjs', 'src', 'test'],
  },
  {
    name: 'format (prettier)',
    tool: 'prettier/bin/prettier.cjs',
    args: ['--check', '--log-level', 'warn', '.'],
  },
];
const JEST_FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

const timeUp = AbortSignal.timeout(LIMIT_MS);
let failed = 0;
try {
  await ensureOrthanc((line) => console.log(line));
} catch (error) {
  failed += 1;
  heading('Orthanc is missing: the tests that need it will fail');
  console.log(messageOf(error));
}
for (const check of CHECKS) if (!(await passes(check))) failed += 1;
const jest = await runJest(process.argv.slice(2));
failed += jest.failed;
if (jest.skipped > 0) console.log(`\n${jest.skipped} skipped`);
console.log(`\n${jest.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function passes(check: Check): Promise<boolean> {
  const { code, output } = await run([join('node_modules', check.tool), ...check.args], 'pipe');
  if (code === 0) {
    console.log(`${check.name}: passed`);
    return true;
  }
  heading(`${check.name} FAILED`);
  console.log(output.trimEnd());
  if (timeUp.aborted) console.log(`(ended: npm test may take ${LIMIT_MS / 60_000} minutes)`);
  return false;
}

/** Runs jest; its own report goes to the terminal, the numbers come from its JSON file. */
async function runJest(
  args: readonly string[],
): Promise<{ readonly passed: number; readonly failed: number; readonly skipped: number }> {
  heading('tests (jest)');
  const folder = await mkdtemp(join(tmpdir(), 'situs-test-'));
  try {
    const outputFile = join(folder, 'jest.json');
    const jest = [...JEST_FLAGS, 'node_modules/jest/bin/jest.js'];
    const report = ['--json', `--outputFile=${outputFile}`];
    const { code } = await run([...jest, ...report, ...args], 'show');
    const text = await readFile(outputFile, 'utf8').catch(() => null);
    if (text === null) {
      heading('jest FAILED before it could report');
      console.log(timeUp.aborted ? `It was ended after ${LIMIT_MS / 60_000} minutes.` : '');
      return { passed: 0, failed: 1, skipped: 0 };
    }
    const numbers = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const count = (name: string) => Number(numbers[name] ?? 0);
    const broken = count('numFailedTests') + count('numRuntimeErrorTestSuites');
    return {
      passed: count('numPassedTests'),
      failed: broken === 0 && code !== 0 ? 1 : broken,
      skipped: count('numPendingTests') + count('numTodoTests'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs this Node in the clone. `show` sends stderr to ours and drops stdout (jest's JSON). */
function run(
  args: readonly string[],
  how: 'pipe' | 'show',
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: how === 'pipe' ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'ignore', 'inherit'],
      signal: timeUp,
      killSignal: 'SIGTERM',
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => chunks.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) =>
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }),
    );
  });
}

function heading(text: string): void {
  console.log(`\n=== ${text} ===`);
}
