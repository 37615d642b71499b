/** Runs npm and the tools of node_modules, keeping their output for the message when they fail. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Node 24 of the npm package `node`. */
export function pinnedNode(root) {
  return join(root, 'node_modules/.bin/node');
}

/** `npm ARGS…`, by the npm that started us where there is one. */
export function runNpm(root, args) {
  const path = process.env.npm_execpath;
  const own = path !== undefined && basename(path) === 'npm-cli.js' && existsSync(path);
  return own
    ? collect(process.execPath, [path, ...args], { cwd: root })
    : collect('npm', args, { cwd: root, shell: process.platform === 'win32' });
}

/** A JavaScript tool inside node_modules, run by Node 24; `env` is added to the environment. */
export function runTool(root, tool, args, env) {
  return collect(pinnedNode(root), [join(root, 'node_modules', tool), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
}

/** Resolves to { code, output }: the exit code, 1 when ended by a signal, and what was printed. */
function collect(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const output = () => chunks.map(String).join('');
    child.on('error', (error) => resolve({ code: 1, output: `${output()}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: output() }));
  });
}
