/** STOW-RS. What was stored is what the archive shows afterwards (dicomweb-servers §1 facts 2-4, §5). */
import { SitusError } from '../contracts/index.ts';
import type { DicomWeb } from './dicomweb.ts';
import { archiveError, type Asked } from './errors.ts';
import { backOff } from './manners.ts';
import type { Search } from './search.ts';
import { verdicts, warningOf } from './stow-answer.ts';
import { refusal, type Transport } from './transport.ts';
import type { InstanceToStore, SeriesPlace, StoreOutcome } from './types.ts';

/** Looks for an instance that the archive said it stored: some index a moment later. */
const LOOKS = 4;
/** From so many instances of one series on, its list costs less than looking for each. */
const LIST_FROM = 4;
/** Answers that say nothing was even tried. */
const NOT_TRIED = new Set([401, 403, 429, 503]);
/** The server takes no request of that size; half of it is tried. */
const TOO_LARGE = 413;
/** Errors after which the instances may be in the archive all the same. */
const ANSWER_LOST = new Set([
  'ARCHIVE_UNREACHABLE',
  'ARCHIVE_TIMEOUT',
  'ARCHIVE_TRUNCATED_ANSWER',
  'ARCHIVE_BAD_ANSWER',
]);

type State = StoreOutcome['instances'][number];

interface Refused {
  readonly sopInstanceUid: string;
  readonly reason: string;
}

interface BatchOutcome {
  readonly status: number | null;
  readonly states: readonly State[];
  readonly refused: readonly Refused[];
}

export interface Store {
  store(instances: readonly InstanceToStore[], signal?: AbortSignal): Promise<StoreOutcome>;
}

export function createStore(
  transport: Transport,
  dicomWeb: DicomWeb,
  search: Pick<Search, 'has' | 'instances'>,
): Store {
  const { settings, clock } = transport;
  const asked: Asked = {
    archive: settings.name,
    method: 'POST',
    url: `${settings.url}/studies`,
  };

  /** The answer, or the error in whose place there may have been one. */
  async function send(batch: readonly InstanceToStore[], signal?: AbortSignal) {
    try {
      const stow = await dicomWeb.storeInstances(
        batch.map(({ bytes }) => bytes),
        signal,
      );
      if (NOT_TRIED.has(stow.answer.status)) throw refusal(transport, stow.answer);
      return { stow, lost: null };
    } catch (error) {
      if (!(error instanceof SitusError) || !ANSWER_LOST.has(error.code)) throw error;
      return { stow: null, lost: error };
    }
  }

  /** Those of the instances that the archive shows: of many in one series by its list. */
  async function look(instances: readonly InstanceToStore[], signal?: AbortSignal) {
    const shown = new Set<string>();
    for (const group of Map.groupBy(instances, seriesKey).values()) {
      const [first] = group;
      if (first !== undefined && group.length >= LIST_FROM) {
        for (const uid of await search.instances(first, signal)) shown.add(uid);
        continue;
      }
      for (const instance of group) {
        if (await search.has(instance, signal)) shown.add(instance.sopInstanceUid);
      }
    }
    return shown;
  }

  /** Looks again, a few times, for what the archive said it stored. */
  async function lookFor(
    instances: readonly InstanceToStore[],
    said: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const shown = await look(instances, signal);
    for (let looks = 1; looks < LOOKS; looks += 1) {
      const late = instances.filter(({ sopInstanceUid: uid }) => said.has(uid) && !shown.has(uid));
      if (late.length === 0) break;
      await clock.sleep(backOff(looks, clock), signal);
      for (const uid of await look(late, signal)) shown.add(uid);
    }
    return shown;
  }

  async function storeBatch(
    batch: readonly InstanceToStore[],
    signal?: AbortSignal,
  ): Promise<BatchOutcome> {
    const { stow, lost } = await send(batch, signal);
    const said = verdicts(stow);
    const { stored, failed, remarks } = said;
    const states: State[] = [];
    const refused: Refused[] = [];
    const shown = await lookFor(batch, stored, signal);
    for (const { sopInstanceUid } of batch) {
      const isSaidStored = stored.has(sopInstanceUid);
      if (shown.has(sopInstanceUid)) {
        const isStored = isSaidStored && !failed.has(sopInstanceUid);
        const warning = warningOf(said, sopInstanceUid);
        states.push({
          sopInstanceUid,
          state: isStored ? 'stored' : 'already-there',
          ...(warning === null ? {} : { warning }),
        });
      } else {
        const silent = isSaidStored
          ? 'said to be stored, but the archive does not show it'
          : 'not mentioned in the answer, and the archive does not show it';
        const reason = [failed.get(sopInstanceUid) ?? silent, ...remarks].join('; ');
        refused.push({ sopInstanceUid, reason });
      }
    }
    if (refused.length > 0 && lost !== null) throw lost;
    if (refused.length > 0 && stow !== null && isServerFault(stow.answer.status)) {
      throw refusal(transport, stow.answer);
    }
    transport.manners.succeeded();
    return { status: stow?.answer.status ?? null, states, refused };
  }

  return {
    async store(instances, signal) {
      let status: number | null = null;
      const states: State[] = [];
      const refused: Refused[] = [];
      let refusedWith: number | null = null;
      const waiting = batches(instances, settings.limits.storeBytes);
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
        const outcome = await storeBatch(batch, signal);
        const isRefused = outcome.refused.length > 0;
        if (isRefused && outcome.status === TOO_LARGE && batch.length > 1) {
          const middle = Math.ceil(batch.length / 2);
          waiting.unshift(batch.slice(0, middle), batch.slice(middle));
          continue;
        }
        status = outcome.status;
        if (isRefused) refusedWith = outcome.status;
        states.push(...outcome.states);
        refused.push(...outcome.refused);
      }
      if (refused.length > 0) throw storeRefused(asked, refusedWith, refused);
      return { status, instances: states };
    },
  };
}

/** Groups in order of at most `limit` bytes; a larger instance is a group of its own. */
export function batches<T extends { readonly bytes: Uint8Array }>(
  instances: readonly T[],
  limit: number,
): T[][] {
  const groups: T[][] = [];
  let current: T[] = [];
  let size = 0;
  for (const instance of instances) {
    if (current.length > 0 && size + instance.bytes.byteLength > limit) {
      groups.push(current);
      current = [];
      size = 0;
    }
    current.push(instance);
    size += instance.bytes.byteLength;
  }
  if (current.length > 0) groups.push(current);
  return groups;
}

function seriesKey({ studyInstanceUid, seriesInstanceUid }: SeriesPlace): string {
  return `${studyInstanceUid} ${seriesInstanceUid}`;
}

function isServerFault(status: number): boolean {
  return status === 408 || status >= 500;
}

function storeRefused(
  asked: Asked,
  status: number | null,
  refused: readonly Refused[],
): SitusError {
  const list = refused.map(({ sopInstanceUid, reason }) => `${sopInstanceUid}: ${reason}`);
  return archiveError(asked, {
    code: 'STORE_REFUSED',
    what: `did not store ${refused.length} of the instances sent (${list.slice(0, 3).join('; ')})`,
    next:
      status === TOO_LARGE
        ? 'The archive takes no request of this size. Raise its limit for STOW-RS, or that of the proxy before it.'
        : 'It is sent again a few times. When it stays, look at the log of the archive for these instances.',
    status,
    details: { instances: refused },
  });
}
