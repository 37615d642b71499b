import type { Archive } from '../archive/index.ts';
import {
  asSitusError,
  type Actor,
  type DicomJson,
  type StudyRevision,
} from '../contracts/index.ts';
import { planLabels, studyHeaders } from '../imaging/index.ts';
import { concernsWholeArchive } from '../intake/index.ts';
import type { NewJob, Records, SavedDecision } from '../records/index.ts';
import { decide } from '../routing/index.ts';
import { matchStudy } from '../sequences/index.ts';
import { modelCard, type LoadedModel } from '../segmentation/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { ActiveRules } from './active-rules.ts';
import type { SegmentationSettings } from './context.ts';
import { earlierResults } from './earlier-results.ts';
import { orderedSettings } from './inference-settings.ts';
import { orderedOutput } from './output-settings.ts';
import type { Queue } from './queue.ts';
import { quietHours } from './quiet-hours.ts';
import { Reopener } from './reopen.ts';
import { WaitingList } from './waiting-list.ts';

export interface DeciderParts {
  readonly actor: Actor;
  readonly records: Records;
  readonly archive: (name: string) => Archive;
  readonly active: () => ActiveRules;
  readonly model: (name: string) => Promise<LoadedModel>;
  readonly segmentation: Pick<SegmentationSettings, 'spacingMode'>;
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now?: () => Date;
}

export interface Decider {
  /** Decides every saved revision that has no decision yet; says how many were decided. */
  drain(signal: AbortSignal): Promise<number>;
}

const BATCH = 20;
/** Attempts before a study whose archive keeps failing stands in the table with the reason. */
const TRIES = 3;

/** Turns settled revisions into decisions and jobs: headers → sequences → rules → one transaction. */
export function createDecider(parts: DeciderParts): Decider {
  const { records, actor, log } = parts;
  const now = parts.now ?? (() => new Date());
  const waiting = new WaitingList();
  const reopener = new Reopener(parts, now);
  const registered = new Set<string>();

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
    const versions = {
      ruleSetVersion: active.rulesVersion,
      sequencesVersion: active.sequencesVersion,
    };
    const earlier = await earlierResults(records, listing, active.rules);
    const decision = decide(headers, matches, active.rules, versions, earlier);
    const jobs: NewJob[] = [];
    for (const target of decision.targets) {
      const model = await parts.model(target.segment.model);
      await register(model);
      // An order that the model can't fulfil stands at the study, before anything is computed.
      planLabels(model.structures, target.store);
      const wait = quietHours(target, now());
      jobs.push({
        target,
        ...(wait === null ? {} : { wait }),
        modelVersion: model.version,
        modelHash: model.hash,
        settings: {
          spacingMode: parts.segmentation.spacingMode,
          ...orderedSettings(target.segment),
          ...orderedOutput(target.store),
        },
      });
    }
    const what = { revision, headers, decision, matches, jobs };
    return records.decisions.saveDecision(actor, what, parts.queue.enqueue);
  }

  /** Keeps the model's card, so that the record can show it when the model is long gone from this host. */
  async function register(model: LoadedModel): Promise<void> {
    if (registered.has(model.hash)) return;
    await records.models.register(actor, modelCard(model));
    registered.add(model.hash);
  }

  /** Decides one study, lets it wait or refuses it. Throws when nothing can go on. */
  async function tryOne(
    revision: StudyRevision,
    signal: AbortSignal,
  ): Promise<'decided' | 'not-decided' | 'archive-down'> {
    const { studyInstanceUid, archive } = revision.listing;
    const key = keyOf(revision);
    try {
      const saved = await decideOne(revision, signal);
      waiting.forget(key);
      parts.metrics.decisions.inc({ outcome: saved.jobs.length > 0 ? 'jobs' : 'no-jobs' });
      log.info(
        { study: studyInstanceUid, jobs: saved.jobs.length, kept: saved.kept.length },
        'study decided',
      );
      return 'decided';
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSitusError(thrown);
      parts.metrics.decisions.inc({ outcome: error.errorClass });
      log.warn(
        { study: studyInstanceUid, code: error.code, reason: error.message },
        'study not decided',
      );
      if (error.origin === 'database') throw error;
      if (concernsWholeArchive(error)) return 'archive-down';
      const tries = waiting.add(key, now());
      if (error.errorClass === 'retry' && tries < TRIES) return 'not-decided';
      waiting.forget(key);
      await records.studies.refuseStudy(actor, { archive, studyInstanceUid }, error);
      reopener.refused(error);
      return 'not-decided';
    }
  }

  return {
    async drain(signal) {
      await reopener.run();
      let decided = 0;
      const seen = new Set<string>();
      const down = new Set<string>();
      for (;;) {
        const limit = BATCH + seen.size + waiting.size;
        const open = (await records.studies.undecided(limit)).filter(
          (revision) => !seen.has(keyOf(revision)) && !waiting.isWaiting(keyOf(revision), now()),
        );
        if (open.length === 0) return decided;
        for (const revision of open) {
          signal.throwIfAborted();
          seen.add(keyOf(revision));
          const { archive } = revision.listing;
          if (down.has(archive)) continue;
          const answer = await tryOne(revision, signal);
          if (answer === 'decided') decided += 1;
          if (answer === 'archive-down') down.add(archive);
        }
      }
    },
  };
}

function keyOf({ listing, revision }: StudyRevision): string {
  return `${listing.archive} ${listing.studyInstanceUid} ${revision}`;
}
