import { canonicalJson, sha256, toJson } from './json.ts';
import type { NewJob } from './types.ts';

/**
 * What makes two runs the same work (design §6 guarantees 2 and 5): the study and series, the very
 * frames of the chosen stack, the model with its version and folds, the settings, and the archive that
 * gets the results where it is another than the study's own. Rule, priority and the
 * words for the sequence are left out: they say why, not what.
 */
export function jobIdentity(archive: string, studyInstanceUid: string, job: NewJob): string {
  const { target } = job;
  const frames = target.frames
    .map((frame) => `${frame.sopInstanceUid}#${frame.frameNumber ?? ''}`)
    .sort();
  return sha256(
    canonicalJson(
      toJson({
        archive,
        studyInstanceUid,
        seriesInstanceUid: target.seriesInstanceUid,
        stackId: target.stackId,
        frames,
        model: target.segment.model,
        modelVersion: job.modelVersion,
        folds:
          typeof target.segment.folds === 'string'
            ? target.segment.folds
            : [...target.segment.folds].sort((a, b) => a - b),
        settings: job.settings,
        ...(target.store.to === archive ? {} : { to: target.store.to }),
      }),
    ),
  );
}
