import { SitusError, type SourceFrame } from '../contracts/index.ts';
import type { FetchedInstance, JobContext, Manifest, StepOutcome } from './context.ts';

/** Room that must be free for each instance before a fetch begins; larger ones still fail by name. */
const BYTES_PER_INSTANCE = 1 << 20;
const SPARE_BYTES = 64 << 20;

/** Retrieves the instances of the target; whole only when they are exactly what the archive lists. */
export async function fetchStep(context: JobContext): Promise<StepOutcome> {
  const { work, folder, signal } = context;
  const { target, studyInstanceUid } = work;
  const wanted = instancesOf(target.frames);
  await folder.requireSpace(wanted.size * BYTES_PER_INSTANCE + SPARE_BYTES);
  const instances: FetchedInstance[] = [];
  const archive = context.archive(work.archive);
  const series = { studyInstanceUid, seriesInstanceUid: target.seriesInstanceUid };
  for await (const part of archive.fetchSeries(series, { sopInstanceUids: [...wanted], signal })) {
    const artifact = await folder.put(work.id, 'instance', 'dcm', part.bytes);
    instances.push({
      sopInstanceUid: part.sopInstanceUid,
      file: artifact.name,
      bytes: artifact.bytes,
    });
    context.progress(instances.length / wanted.size);
  }
  instances.sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  const manifest: Manifest = { seriesInstanceUid: target.seriesInstanceUid, instances };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  const artifact = await folder.put(work.id, 'manifest', 'json', bytes);
  context.attempt.manifest = manifest;
  return { kind: 'next', artifact };
}

/**
 * The manifest of what was fetched on this host, or null when it must be fetched (again): never
 * fetched here, or a file is gone or damaged.
 */
export async function fetchedManifest(context: JobContext): Promise<Manifest | null> {
  const { work, folder, attempt } = context;
  if (attempt.manifest !== null) return attempt.manifest;
  const name = work.steps.findLast((step) => step.step === 'fetch' && step.state === 'done')
    ?.artifact?.name;
  const bytes = name === undefined ? null : await folder.get(work.id, name);
  if (bytes === null) return null;
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
  for (const { file } of manifest.instances) {
    if ((await folder.get(work.id, file)) === null) return null;
  }
  attempt.manifest = manifest;
  return manifest;
}

/** The manifest of a job whose fetch step is known to be done. */
export async function requireManifest(context: JobContext): Promise<Manifest> {
  const manifest = await fetchedManifest(context);
  if (manifest !== null) return manifest;
  throw new SitusError({
    code: 'WORK_FOLDER_LOST',
    message: `The fetched instances of job ${context.work.id} are no longer in the work folder.`,
    next: 'They are fetched again by themselves; check that nothing cleans the work folder.',
    errorClass: 'retry',
    origin: 'disk',
  });
}

function instancesOf(frames: readonly SourceFrame[]): Set<string> {
  return new Set(frames.map((frame) => frame.sopInstanceUid));
}
