import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SCRIPTS = join(import.meta.dirname, '..', 'kserve');
const START_LIMIT_MS = 90_000;

/** A KServe v2 server that some Python at hand can run. */
export interface RealServer {
  readonly name: string;
  readonly python: string;
  readonly script: string;
}

const KINDS = [
  { name: 'Triton', packages: ['pytriton', 'onnxruntime'], script: 'triton.py' },
  { name: 'MLServer', packages: ['mlserver', 'onnxruntime'], script: 'mlserver_repository.py' },
  { name: 'KServe', packages: ['kserve', 'onnxruntime'], script: 'kserve_repository.py' },
] as const;

/** The servers of the Pythons in `SITUS_KSERVE_PYTHON` (paths, separated as in PATH). */
export function realServers(): RealServer[] {
  const pythons = (process.env['SITUS_KSERVE_PYTHON'] ?? '').split(delimiter).filter(Boolean);
  return pythons.flatMap((python) =>
    KINDS.filter(({ packages }) => has(python, packages)).map(({ name, script }) => ({
      name,
      python,
      script: join(SCRIPTS, script),
    })),
  );
}

function has(python: string, packages: readonly string[]): boolean {
  const search = `import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, ${JSON.stringify(packages)})))`;
  return spawnSync(python, ['-c', search]).status === 0;
}

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server on a model repository and waits until all its networks are ready. */
export async function startRealServer(
  server: RealServer,
  repository: string,
): Promise<RunningServer> {
  const port = await freePort();
  const child = spawn(server.python, [server.script, repository, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => log.push(piece.toString('utf8')));
  }
  const url = `http://127.0.0.1:${port}`;
  const limit = performance.now() + START_LIMIT_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > limit) {
      await end(child);
      throw new Error(`${server.name} did not start:\n${log.join('').slice(-4000)}`);
    }
    await sleep(200);
  }
  return { url, stop: () => end(child) };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/v2/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(hard);
}

/** A port with two free ones behind it, which some servers take for other protocols. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
