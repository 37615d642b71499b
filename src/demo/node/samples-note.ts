import { on } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Archive } from '../../archive/index.ts';
import { isMissing } from '../../contracts/index.ts';
import type { ExpectedSeries, SampleStudy } from '../studies/samples.ts';

/** What the demo expects of a sample study; kept so that a second run need not make the pixels again. */
export interface ExpectedStudy {
  readonly name: string;
  readonly studyInstanceUid: string;
  readonly instances: number;
  readonly expected: readonly ExpectedSeries[];
}

const SEED = 20_260;
const NOTE = 'samples.json';
const STORE_AT_ONCE = 20;

/**
 * Puts the sample studies into the archive: only the instances it does not hold yet. The generator is
 * not even asked when the archive holds all that an earlier run stored.
 */
export async function storeSamples(
  archive: Archive,
  folder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly ExpectedStudy[]> {
  const noted = await readNote(folder);
  if (noted !== null && (await allThere(archive, noted, signal))) {
    say(`The archive holds the ${noted.length} sample studies already.`);
    return noted;
  }
  const studies: ExpectedStudy[] = [];
  for await (const study of generated(signal)) {
    const { name, studyInstanceUid, expected, files } = study;
    say(`Storing a sample study: ${name}, ${files.length} instances`);
    const listing = await archive.listStudy(studyInstanceUid, { signal });
    const there = new Set((listing?.series ?? []).flatMap((series) => series.sopInstanceUids));
    const missing = files.filter((file) => !there.has(file.sopInstanceUid));
    for (let start = 0; start < missing.length; start += STORE_AT_ONCE) {
      const batch = missing.slice(start, start + STORE_AT_ONCE);
      await archive.store(
        batch.map((file) => ({ studyInstanceUid, ...file })),
        { signal },
      );
    }
    studies.push({ name, studyInstanceUid, expected, instances: files.length });
  }
  await writeFile(join(folder, NOTE), JSON.stringify(studies, null, 2));
  return studies;
}

/** The sample studies as a thread of its own makes them: phantoms take seconds, the node goes on meanwhile. */
async function* generated(signal: AbortSignal): AsyncGenerator<SampleStudy> {
  const thread = new Worker(new URL('./samples-thread.ts', import.meta.url), {
    workerData: { seed: SEED },
  });
  try {
    for await (const [study] of on(thread, 'message', { signal })) {
      if (study === null) return;
      yield study as SampleStudy;
    }
  } finally {
    await thread.terminate();
  }
}

async function allThere(
  archive: Archive,
  studies: readonly ExpectedStudy[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const { studyInstanceUid, expected } of studies) {
    const listing = await archive.listStudy(studyInstanceUid, { signal });
    for (const series of expected) {
      const listed = listing?.series.find(
        (one) => one.seriesInstanceUid === series.seriesInstanceUid,
      );
      if (listed?.sopInstanceUids.length !== series.instances) return false;
    }
  }
  return true;
}

async function readNote(folder: string): Promise<ExpectedStudy[] | null> {
  try {
    return JSON.parse(await readFile(join(folder, NOTE), 'utf8')) as ExpectedStudy[];
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
