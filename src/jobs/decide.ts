import type { Archive } from '../archive/index.ts';
import type { RuleSet, SequenceDefinitions } from '../contracts/index.ts';
import {
  asSitusError,
  type Actor,
  type DicomJson,
  type StudyRevision,
} from '../contracts/index.ts';
import { studyHeaders } from '../imaging/index.ts';
import type { NewJob, Records, SavedDecision } from '../records/index.ts';
import { decide } from '../routing/index.ts';
import { matchStudy } from '../sequences/index.ts';
import type { LoadedModel } from '../segmentation/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { SegmentationSettings } from './context.ts';
import type { Queue } from './queue.ts';

/** The rules and definitions that are active now, with the versions that decisions name. */
export interface ActiveRules {
  readonly rules: RuleSet;
  readonly rulesVersion: string;
  readonly sequences: SequenceDefinitions;
  readonly sequencesVersion: string;
}

export interface DeciderParts {
  readonly actor: Actor;
  readonly records: Records;
  readonly archive: (name: string) => Archive;
  readonly active: () => ActiveRules;
  readonly model: (name: string) => Promise<LoadedModel>;
  readonly segmentation: SegmentationSettings;
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Decider {
  /** Decides every saved revision that has no decision yet; says how many were decided. */
  drain(signal: AbortSignal): Promise<number>;
}

const BATCH = 20;

/** Turns settled revisions into decisions and jobs: headers → sequences → rules → one transaction. */
export function createDecider(parts: DeciderParts): Decider {
  const { records, actor, log } = parts;

  async function decideOne(revision: StudyRevision, signal: AbortSignal): Promise<SavedDecision> {
    const { listing } = revision;
    const archive = parts.archive(listing.archive);
    const metadata: DicomJson[][] = [];
    for (const series of listing.series) {
      const place = {
        studyInstanceUid: listing.studyInstanceUid,
        seriesInstanceUid: series.seriesInstanceUid,
      };
      metadata.push(await archive.seriesMetadata(place, { signal }));
    }
    const headers = studyHeaders(listing, metadata);
    const active = parts.active();
    const matches = matchStudy(headers, active.sequences);
    const decision = decide(headers, matches, active.rules, {
      ruleSetVersion: active.rulesVersion,
      sequencesVersion: active.sequencesVersion,
    });
    const jobs: NewJob[] = [];
    for (const target of decision.targets) {
      const model = await parts.model(target.segment.model);
      jobs.push({
        target,
        modelVersion: model.version,
        modelHash: model.hash,
        settings: { spacingMode: parts.segmentation.spacingMode },
      });
    }
    const what = { revision, headers, decision, matches, jobs };
    return records.decisions.saveDecision(actor, what, parts.queue.enqueue);
  }

  return {
    async drain(signal) {
      let decided = 0;
      for (const revision of await records.studies.undecided(BATCH)) {
        const { studyInstanceUid, archive } = revision.listing;
        try {
          const saved = await decideOne(revision, signal);
          decided += 1;
          parts.metrics.decisions.inc({ outcome: saved.jobs.length > 0 ? 'jobs' : 'no-jobs' });
          log.info(
            { study: studyInstanceUid, jobs: saved.jobs.length, kept: saved.kept.length },
            'study decided',
          );
        } catch (thrown) {
          signal.throwIfAborted();
          const error = asSitusError(thrown);
          parts.metrics.decisions.inc({ outcome: error.errorClass });
          log.warn(
            { study: studyInstanceUid, code: error.code, reason: error.message },
            'study not decided',
          );
          if (error.origin === 'database') throw error;
          if (error.errorClass !== 'retry') {
            await records.studies.refuseStudy(actor, { archive, studyInstanceUid }, error);
          }
        }
      }
      return decided;
    },
  };
}
