import { asSitusError, refuse, SitusError } from '../contracts/index.ts';
import { createChangeLog } from './changes.ts';
import { systemClock, type Clock } from './clock.ts';
import { withDefaults, type ArchiveConfig, type ArchiveSettings } from './config.ts';
import { createDicomWeb } from './dicomweb.ts';
import { createRetrieval } from './retrieve.ts';
import { createSearch } from './search.ts';
import { createStore } from './store.ts';
import { createTransport } from './transport.ts';
import type { Archive, Probe } from './types.ts';

const UID = /^[0-9.]{1,64}$/;
const CHANGES_AT_A_TIME = 100;

/**
 * The archive of a configuration. Nothing is asked yet. One `Archive` per archive and process, for
 * its limits hold for all who use it.
 *
 * Throws ARCHIVE_URL_INVALID (usage).
 */
export function createArchive(config: ArchiveConfig, clock: Clock = systemClock): Archive {
  const settings = withDefaults(config);
  checkUrl(settings);
  const transport = createTransport(settings, clock);
  const dicomWeb = createDicomWeb(transport);
  const search = createSearch(settings.name, dicomWeb, settings.pageSize);
  const retrieval = createRetrieval(transport, search);
  const stow = createStore(transport, dicomWeb, search);
  const log = createChangeLog(transport);

  const ping = async (signal?: AbortSignal) => {
    await dicomWeb.searchStudies({ limit: 1 }, signal);
  };

  async function probe(signal?: AbortSignal): Promise<Probe> {
    transport.manners.forgive();
    let searchMs: number | null = null;
    try {
      const begin = performance.now();
      await ping(signal);
      searchMs = performance.now() - begin;
      const server = await log.server(signal);
      return { reachable: true, searchMs, server, changeFeed: server !== null, problem: null };
    } catch (error) {
      signal?.throwIfAborted();
      const { code, message, next, details } = asSitusError(error);
      const reachable = searchMs !== null || typeof details['status'] === 'number';
      return {
        reachable,
        searchMs,
        server: null,
        changeFeed: false,
        problem: { code, message, next },
      };
    }
  }

  return {
    name: settings.name,
    condition: () => transport.manners.condition(),
    searchStudies: (query, options) => search.studies(query, options?.signal),
    listStudy: async (study, options) => {
      check(study);
      return search.study(study, options?.signal);
    },
    listInstances: async (series, options) => search.instances(checked(series), options?.signal),
    seriesMetadata: async (series, options) =>
      dicomWeb.seriesMetadata(checked(series), options?.signal),
    retrieveInstances: (series, options) =>
      retrieval.instances(checked(series), options?.sopInstanceUids?.map(check), options?.signal),
    fetchSeries: (series, options) =>
      retrieval.series(checked(series), options?.sopInstanceUids?.map(check), options?.signal),
    retrieveInstance: async (instance, options) =>
      retrieval.instance(checked(instance), options?.signal),
    has: async (instance, options) => search.has(checked(instance), options?.signal),
    store: async (instances, options) => stow.store(instances.map(checked), options?.signal),
    changes: (since, options) =>
      log.changes(since, options?.limit ?? CHANGES_AT_A_TIME, options?.signal),
    lastChange: (options) => log.last(options?.signal),
    studyOfChange: (change, options) => log.studyOf(change, options?.signal),
    ping: (options) => ping(options?.signal),
    probe: (options) => probe(options?.signal),
    close: () => transport.close(),
  };
}

/** UIDs become parts of URLs: only what is a UID may. */
function check(uid: string): string {
  if (UID.test(uid)) return uid;
  throw refuse(
    'UID_INVALID',
    `"${uid.slice(0, 80)}" is no DICOM UID (digits and dots, at most 64)`,
    'Correct the UID where it comes from.',
  );
}

function checked<
  T extends {
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
    readonly sopInstanceUid?: string;
  },
>(place: T): T {
  check(place.studyInstanceUid);
  check(place.seriesInstanceUid);
  if (place.sopInstanceUid !== undefined) check(place.sopInstanceUid);
  return place;
}

function checkUrl({ name, url }: ArchiveSettings): void {
  const problem = urlProblem(url);
  if (problem === null) return;
  throw new SitusError({
    code: 'ARCHIVE_URL_INVALID',
    message: `The URL of archive "${name}" ${problem}`,
    next: 'Give the DICOMweb base as url, e.g. https://pacs.example/dicom-web, and credentials as auth.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { archive: name },
  });
}

function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'cannot be read';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is neither http nor https';
  if (url.username !== '' || url.password !== '') return 'contains credentials';
  return url.search !== '' || url.hash !== '' ? 'has a query or a fragment' : null;
}
