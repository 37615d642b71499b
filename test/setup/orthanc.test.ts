import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOrthanc, type RunningOrthanc } from '../../src/demo/services/orthanc.ts';

let stateDir: string;
let running: RunningOrthanc[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'situs-orthanc-test-'));
});

afterEach(async () => {
  for (const orthanc of running) await orthanc.stop();
  running = [];
  await rm(stateDir, { recursive: true, force: true });
});

async function start(): Promise<RunningOrthanc> {
  const orthanc = await startOrthanc({ stateDir });
  running.push(orthanc);
  return orthanc;
}

function system(orthanc: RunningOrthanc, password = orthanc.password): Promise<Response> {
  const pair = Buffer.from(`${orthanc.username}:${password}`).toString('base64');
  return fetch(`${orthanc.baseUrl}/system`, { headers: { Authorization: `Basic ${pair}` } });
}

describe('an Orthanc of our own', () => {
  it('answers to its password only, and keeps that in a file that others cannot read', async () => {
    const orthanc = await start();
    expect((await system(orthanc)).status).toBe(200);
    expect((await system(orthanc, 'wrong')).status).toBe(401);
    expect((await fetch(`${orthanc.dicomWebUrl}/studies`)).status).toBe(401);
    expect(statSync(join(stateDir, 'orthanc.json')).mode & 0o077).toBe(0);
    expect(statSync(orthanc.logFile).mode & 0o077).toBe(0);
  });

  it('is gone after stop, and comes back with the same password and port', async () => {
    const first = await start();
    await first.stop();
    await expect(system(first)).rejects.toThrow();
    expect(existsSync(join(stateDir, 'orthanc.pid'))).toBe(false);
    const second = await start();
    expect(second.password).toBe(first.password);
    expect(second.baseUrl).toBe(first.baseUrl);
    expect(second.pid).not.toBe(first.pid);
  });

  it('ends the server that an earlier run left behind on the folder', async () => {
    const left = await start();
    const next = await start();
    await left.ended.catch(() => undefined);
    expect(next.pid).not.toBe(left.pid);
    expect((await system(next)).status).toBe(200);
  });

  it('says so when the server dies', async () => {
    const orthanc = await start();
    process.kill(orthanc.pid, 'SIGKILL');
    await expect(orthanc.ended).rejects.toMatchObject({ code: 'ORTHANC_ENDED' });
  });

  it('shows the last lines of the log when the server cannot start', async () => {
    const failing = startOrthanc({ stateDir, settings: { HttpThreadsCount: 'many' } });
    await expect(failing).rejects.toMatchObject({ code: 'ORTHANC_DID_NOT_START' });
    const log = readFileSync(join(stateDir, 'orthanc.log'), 'utf8').trimEnd().split('\n');
    const lastLine = log.at(-1) ?? '';
    expect(lastLine).not.toBe('');
    await expect(failing).rejects.toThrow(lastLine);
  });
});
