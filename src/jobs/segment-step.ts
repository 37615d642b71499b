import { segment } from '../segmentation/index.ts';
import type { JobContext, StepOutcome } from './context.ts';
import { packLabels } from './labels-codec.ts';
import { targetVolume } from './volume.ts';

/** Runs the model on the target's volume; what the record keeps first is what the job goes on with. */
export async function segmentStep(context: JobContext): Promise<StepOutcome> {
  const { work, segmentation, claim, actor, records } = context;
  const volume = await targetVolume(context);
  const model = await context.model(work.target.segment.model);
  const labels = await context.device.run(() =>
    segment(volume, model, {
      folds: work.target.segment.folds,
      device: segmentation.device,
      threads: segmentation.threads,
      spacingMode: segmentation.spacingMode,
      ...(segmentation.memoryLimit === null ? {} : { memoryLimit: segmentation.memoryLimit }),
      signal: context.signal,
      onProgress: ({ done, total }) => context.progress(total === 0 ? 0 : done / total),
    }),
  );
  const kept = await records.jobs.saveSegmentation(actor, claim, await packLabels(labels));
  const artifact = {
    name: `labels-${kept.sha256}.${kept.encoding}`,
    sha256: kept.sha256,
    bytes: kept.bytes.byteLength,
  };
  return { kind: 'next', artifact };
}
