import { fault, type Labels, type Structure, type Volume } from '../contracts/index.ts';
import { codedStructures } from '../segmentation/index.ts';
import type { JobContext } from './context.ts';
import { requireManifest } from './fetch-step.ts';
import { unpackLabels } from './labels-codec.ts';

/** The target's volume from the fetched instances, read off the main thread, once an attempt. */
export async function targetVolume(context: JobContext): Promise<Volume> {
  const { work, folder, compute, signal, attempt } = context;
  if (attempt.volume !== null) return attempt.volume;
  const manifest = await requireManifest(context);
  const volume = await compute.readVolume(
    {
      paths: manifest.instances.map((instance) => folder.pathOf(work.id, instance.file)),
      selection: { stackId: work.target.stackId, frames: work.target.frames },
    },
    signal,
  );
  attempt.volume = volume;
  return volume;
}

/** The labels that the record keeps for a job past its segment step. */
export async function keptLabels(context: JobContext): Promise<Labels> {
  const stored = await context.records.jobs.loadLabels(context.work.id);
  if (stored === null) {
    throw fault('LABELS_MISSING', `Job ${context.work.id} is past "segment" but has no labels.`);
  }
  return unpackLabels(stored);
}

/** The structures that results of the job may name: the site's and those that came with its model. */
export async function jobStructures(context: JobContext): Promise<readonly Structure[]> {
  const model = await context.model(context.work.target.segment.model);
  return codedStructures(model, context.structures);
}
