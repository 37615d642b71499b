import { SitusError, type SegmentOrder } from '../contracts/index.ts';
import {
  requireCodes,
  segment,
  type LoadedModel,
  type SpacingMode,
} from '../segmentation/index.ts';
import type { JobContext, StepOutcome } from './context.ts';
import { jobSettings } from './inference-settings.ts';
import { packLabels } from './labels-codec.ts';
import { admitSegmentation, hostMemory } from './memory.ts';
import { targetVolume } from './volume.ts';

/** Runs the model on the target's volume; what the record keeps first is what the job goes on with. */
export async function segmentStep(context: JobContext): Promise<StepOutcome> {
  const { work, segmentation, claim, actor, records } = context;
  const volume = await targetVolume(context);
  const model = await jobModel(context);
  requireCodes(model, context.structures);
  const { folds } = work.target.segment;
  const spacingMode = jobSpacingMode(context);
  const settings = jobSettings(work.settings);
  const labels = await context.device.run(async () => {
    context.signal.throwIfAborted();
    const memoryLimit = admitSegmentation(
      volume,
      model,
      {
        folds: foldCount(folds, model),
        spacingMode,
        settings,
        kserve: (segmentation.device === 'kserve' ? segmentation.kserve : null) ?? undefined,
      },
      segmentation.memoryLimit,
      await hostMemory(),
    );
    return segment(volume, model, {
      folds,
      device: segmentation.device,
      deviceId: segmentation.deviceId,
      deviceMemoryLimit: segmentation.deviceMemoryLimit,
      kserve: segmentation.kserve,
      threads: segmentation.threads,
      spacingMode,
      settings,
      memoryLimit,
      scratch: context.folder.folderOf(work.id),
      signal: context.signal,
      onProgress: ({ done, total }) => context.progress(total === 0 ? 0 : done / total),
    });
  });
  const kept = await records.jobs.saveSegmentation(actor, claim, await packLabels(labels));
  const artifact = {
    name: `labels-${kept.sha256}.${kept.encoding}`,
    sha256: kept.sha256,
    bytes: kept.bytes.byteLength,
  };
  return { kind: 'next', artifact };
}

/**
 * The very model that the decision named.
 * @throws SitusError MODEL_CHANGED (usage) when this host has another one under that name.
 */
async function jobModel(context: JobContext): Promise<LoadedModel> {
  const { work } = context;
  const model = await context.model(work.target.segment.model);
  const same = work.modelHash === null || work.modelHash === model.hash;
  if (same && work.modelVersion === model.version) return model;
  throw new SitusError({
    code: 'MODEL_CHANGED',
    message: `Job ${work.id} was made for the model ${work.model} ${work.modelVersion} (${short(work.modelHash)}); host ${context.node} has ${model.version} (${short(model.hash)}) under that name.`,
    next: 'Put the same model on every host, or decide the study again: npx situs studies rerun STUDY.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { expected: work.modelHash, found: model.hash },
  });
}

/** As the job was made: another host's configuration must not change what its identity says. */
function jobSpacingMode({ work, segmentation }: JobContext): SpacingMode {
  const asked = work.settings['spacingMode'];
  return asked === 'true' || asked === 'v1.2.3' ? asked : segmentation.spacingMode;
}

function foldCount(folds: SegmentOrder['folds'], model: LoadedModel): number {
  if (folds === 'all') return model.folds.length;
  return folds === 'first' ? 1 : folds.length;
}

function short(hash: string | null): string {
  return hash === null ? 'any' : hash.slice(0, 12);
}
