import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startOrthanc,
  type OrthancOptions,
  type RunningOrthanc,
} from '../../src/demo/services/orthanc.ts';

/**
 * A real, empty Orthanc for one test file, in a folder of its own. Call `stop` in `afterAll`: it ends
 * the server and removes the folder.
 */
export async function startTestOrthanc(
  options: Omit<OrthancOptions, 'stateDir'> = {},
): Promise<RunningOrthanc> {
  const stateDir = await mkdtemp(join(tmpdir(), 'situs-orthanc-'));
  const orthanc = await startOrthanc({ stateDir, stableAge: 1, ...options });
  return {
    ...orthanc,
    async stop() {
      await orthanc.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
