import type { Archive } from '../archive/index.ts';
import type { SitusError } from '../contracts/index.ts';
import {
  asSitusError,
  fault,
  PRODUCT_NAME,
  refuse,
  type Actor,
  type DicomJson,
} from '../contracts/index.ts';
import { readInstance } from '../imaging/index.ts';
import type { Recallable, RecallFilter, Records } from '../records/index.ts';
import {
  encodeRejection,
  validateRejection,
  type RejectionInput,
  type RejectionReason,
} from '../results/index.ts';
import { warningOf } from './store-step.ts';

/** What a recall needs of the node. */
export interface RecallParts {
  readonly records: Pick<Records, 'withdrawals'>;
  readonly archive: (name: string) => Archive;
  readonly actor: Actor;
  readonly node: string;
  readonly version: string;
}

export interface RecallOrder {
  readonly filter: RecallFilter;
  readonly reason: RejectionReason;
  /** In words; kept with the record and in the note. */
  readonly text: string;
  readonly signal: AbortSignal;
}

/** What became of one study's results in one archive. */
export interface RecalledStudy {
  readonly studyInstanceUid: string;
  readonly archive: string;
  readonly results: readonly Recallable[];
  /** The rejection note; null when none was stored. */
  readonly noteUid: string | null;
  /** SOP Instance UIDs that the archive lists all the same: it does not honour rejection notes. */
  readonly stillShown: readonly string[];
  /** What the archive warned of when it stored the note; null when it did not. */
  readonly warning: string | null;
  /** Why the archive could not be told; the record says withdrawn, and another recall tells it again. */
  readonly error: SitusError | null;
}

/** Which results a recall would withdraw. */
export function recallable(
  { records }: Pick<RecallParts, 'records'>,
  filter: RecallFilter,
): Promise<Recallable[]> {
  if (Object.values(filter).every((part) => part === undefined)) {
    throw refuse(
      'RECALL_OF_EVERYTHING',
      'A recall names studies, a model, a rule or dates; none was given.',
      'Name what to withdraw; --dry-run shows which results that would be.',
    );
  }
  return records.withdrawals.recallable(filter);
}

/**
 * Withdraws stored results (IHE IOCM, dicom-seg-sr §6.6): the record is marked first, then every
 * archive gets one rejection note a study, then it is asked whether it still shows them. An archive
 * that fails does not keep the others from being told.
 * @returns one report a study and archive, in the order in which they were told
 */
export async function recall(
  parts: RecallParts,
  order: RecallOrder,
  onStudy: (done: number, total: number) => void = () => undefined,
): Promise<RecalledStudy[]> {
  const { records, actor } = parts;
  const found = await recallable(parts, order.filter);
  await records.withdrawals.record(actor, found, order);
  const groups = [
    ...Map.groupBy(found, (one) => `${one.archive} ${one.studyInstanceUid}`).values(),
  ];
  const reports: RecalledStudy[] = [];
  for (const results of groups) {
    order.signal.throwIfAborted();
    reports.push(await tell(parts, order, results));
    onStudy(reports.length, groups.length);
  }
  return reports;
}

async function tell(
  parts: RecallParts,
  order: RecallOrder,
  results: readonly Recallable[],
): Promise<RecalledStudy> {
  const [first] = results;
  const { archive: name = '', studyInstanceUid = '' } = first ?? {};
  const study = { studyInstanceUid, archive: name, results };
  try {
    const archive = parts.archive(name);
    const shown = await shownOf(archive, results, order.signal);
    const { noteUid, warning } =
      shown.length === 0
        ? { noteUid: null, warning: null }
        : await reject(parts, order, archive, shown);
    const stillShown = new Set(
      (noteUid === null ? [] : await shownOf(archive, shown, order.signal)).map(
        (one) => one.sopInstanceUid,
      ),
    );
    await parts.records.withdrawals.told(
      parts.actor,
      results.map(({ jobId, sopInstanceUid }) => ({
        jobId,
        sopInstanceUid,
        archive: name,
        noteUid,
        stillShown: stillShown.has(sopInstanceUid),
      })),
    );
    return { ...study, noteUid, stillShown: [...stillShown], warning, error: null };
  } catch (thrown) {
    order.signal.throwIfAborted();
    const error = asSitusError(thrown);
    return { ...study, noteUid: null, stillShown: [], warning: null, error };
  }
}

async function shownOf(
  archive: Archive,
  results: readonly Recallable[],
  signal: AbortSignal,
): Promise<Recallable[]> {
  const shown: Recallable[] = [];
  for (const result of results) if (await archive.has(result, { signal })) shown.push(result);
  return shown;
}

/** Stores the note; patient and study are those of the objects as the archive has them now. */
async function reject(
  parts: RecallParts,
  order: RecallOrder,
  archive: Archive,
  shown: readonly Recallable[],
): Promise<{ readonly noteUid: string; readonly warning: string | null }> {
  const [first] = shown;
  if (first === undefined) throw new Error('there is nothing to reject');
  const { signal } = order;
  const dataset: DicomJson = readInstance(
    await archive.retrieveInstance(first, { signal }),
  ).dataset;
  const input: RejectionInput = {
    dataset,
    studyInstanceUid: first.studyInstanceUid,
    rejected: shown,
    reason: order.reason,
    text: order.text,
    equipment: {
      manufacturer: PRODUCT_NAME,
      model: PRODUCT_NAME,
      serial: parts.node,
      softwareVersion: parts.version,
    },
    node: parts.node,
    time: new Date(),
  };
  const note = encodeRejection(input);
  const problems = validateRejection(note.bytes, input).filter(({ level }) => level === 'error');
  if (problems.length > 0) {
    throw fault(
      'REJECTION_NOTE_INVALID',
      `The rejection note failed our own validation and was not sent: ${problems
        .slice(0, 3)
        .map(({ path, message }) => `${path}: ${message}`)
        .join('; ')}`,
      { problems },
    );
  }
  await parts.records.withdrawals.planNote(parts.actor, first.jobId, note);
  const warning = warningOf(await archive.store([note], { signal }));
  return { noteUid: note.sopInstanceUid, warning };
}
