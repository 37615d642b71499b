import type { Archive } from '../../src/archive/index.ts';
import { buildVolume, readInstance } from '../../src/imaging/index.ts';
import { unpackLabels } from '../../src/jobs/labels-codec.ts';
import type { JobDetail, Records } from '../../src/records/index.ts';
import { readSeg, toSegmentVolume } from '../../src/results/index.ts';
import { rawItems, rawTexts, readRaw, type RawDataset } from './dicom-objects.ts';

/** What an archive holds of a study's results, read back. */
export interface HeldResults {
  readonly segs: readonly Held[];
  readonly srs: readonly Held[];
  /** Secondary captures. */
  readonly pictures: readonly Held[];
}

export interface Held {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly bytes: Uint8Array;
}

/** Retrieves every SEG, SR and picture that the archive holds of a study. */
export async function heldResults(
  archive: Archive,
  studyInstanceUid: string,
): Promise<HeldResults> {
  const listing = await archive.listStudy(studyInstanceUid);
  const of = async (modality: string): Promise<Held[]> => {
    const held: Held[] = [];
    for (const series of listing?.series ?? []) {
      if (series.modality !== modality) continue;
      const { seriesInstanceUid } = series;
      for (const sopInstanceUid of series.sopInstanceUids) {
        const place = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
        held.push({ ...place, bytes: await archive.retrieveInstance(place) });
      }
    }
    return held;
  };
  return { segs: await of('SEG'), srs: await of('SR'), pictures: await of('OT') };
}

/**
 * Compares a stored SEG with the labels that the record keeps of its job. The slices are ordered by
 * the source images, fetched again from the archive and read here.
 */
export async function compareWithLabels(
  archive: Archive,
  records: Records,
  job: JobDetail,
  seg: Uint8Array,
): Promise<{ readonly foreground: number; readonly different: number }> {
  const work = await records.jobs.jobForWork(job.id);
  const stored = await records.jobs.loadLabels(job.id);
  if (work === null || stored === null) throw new Error(`job ${job.id} keeps no labels`);
  const instances = [];
  for await (const { bytes } of archive.fetchSeries({
    studyInstanceUid: work.studyInstanceUid,
    seriesInstanceUid: job.seriesInstanceUid,
  })) {
    instances.push(readInstance(bytes));
  }
  const volume = await buildVolume(instances, work.target);
  const labels = await unpackLabels(stored);
  const valueOf = labelValues(readRaw(seg));
  const { voxels, overlapping } = toSegmentVolume(readSeg(seg), volume);
  if (overlapping > 0) throw new Error(`${overlapping} voxels belong to several segments`);
  let foreground = 0;
  let different = 0;
  labels.voxels.forEach((value, at) => {
    if (value !== 0) foreground += 1;
    if ((valueOf.get(voxels[at] ?? 0) ?? 0) !== value) different += 1;
  });
  return { foreground, different };
}

/** Label value of every segment number, from "Label N …" in the segment's description. */
function labelValues(dataset: RawDataset): Map<number, number> {
  return new Map(
    rawItems(dataset, '00620002').map((segment, index) => {
      const description = rawTexts(segment, '00620006')[0] ?? '';
      return [index + 1, Number(/^Label (\d+) /.exec(description)?.[1])];
    }),
  );
}
