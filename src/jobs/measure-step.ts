import type { JobContext, StepOutcome } from './context.ts';
import { jobStructures, keptLabels, targetVolume } from './volume.ts';

/**
 * Measures the structures, lets the gate judge and draws the preview. Findings that an attempt
 * before has saved stand: a newer Situs may measure otherwise, but one job tells one story.
 */
export async function measureStep(context: JobContext): Promise<StepOutcome> {
  const { records, actor, claim } = context;
  const volume = await targetVolume(context);
  const labels = await keptLabels(context);
  const { findings, preview } = await context.compute.measure(
    {
      volume,
      labels,
      structures: await jobStructures(context),
      order: context.work.target.store,
      gate: context.work.target.gate,
    },
    context.signal,
  );
  if ((await records.jobs.loadFindings(claim.jobId)) === null) {
    await records.jobs.saveFindings(actor, claim, findings);
  }
  await records.jobs.savePreview(claim, preview);
  return { kind: 'next', artifact: null };
}
