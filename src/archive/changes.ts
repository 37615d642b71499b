/** Orthanc's change log: a wake-up call, not a ledger (dicomweb-servers §3). */
import { SitusError } from '../contracts/index.ts';
import { badAnswer, type Asked } from './errors.ts';
import { getJson, parseJson } from './json.ts';
import { readAll, type Transport } from './transport.ts';
import type { Change, Changes } from './types.ts';

export interface ChangeLog {
  changes(since: number, limit: number, signal?: AbortSignal): Promise<Changes | null>;
  last(signal?: AbortSignal): Promise<number | null>;
  studyOf(change: Change, signal?: AbortSignal): Promise<string | null>;
  /** e.g. `Orthanc 1.12.7`; null when the archive is none. */
  server(signal?: AbortSignal): Promise<string | null>;
}

const RESOURCES = ['Patient', 'Study', 'Series', 'Instance'] as const;
const ORTHANC_ID = /^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/;
const UID = /^[0-9.]{1,64}$/;
const DICOM_WEB_ROOT = '/dicom-web';

export function createChangeLog(transport: Transport): ChangeLog {
  const { settings } = transport;
  const base = baseUrl();
  /** What was found, once something was. */
  let known: { readonly version: string | null } | null = null;

  function baseUrl(): string | null {
    if (settings.orthanc === 'none') return null;
    if (settings.orthanc !== 'auto') return settings.orthanc.url.replace(/\/+$/, '');
    return settings.url.endsWith(DICOM_WEB_ROOT)
      ? settings.url.slice(0, -DICOM_WEB_ROOT.length)
      : null;
  }

  /** Asked once: whether an Orthanc answers beside the DICOMweb base. A refusal of this means nothing. */
  async function version(signal?: AbortSignal): Promise<string | null> {
    if (base === null) return null;
    if (known !== null) return known.version;
    const url = `${base}/system`;
    const answer = await transport.send({ method: 'GET', url, kind: 'search', signal });
    const body = await readAll(answer, settings.limits.jsonBytes);
    const system = answer.status === 200 ? jsonOrNull(() => parseJson(body, answer)) : null;
    const isOrthanc = isRecord(system) && typeof system['ApiVersion'] === 'number';
    const found = isOrthanc && typeof system['Version'] === 'string' ? system['Version'] : null;
    if (answer.status < 500) known = { version: found };
    return found;
  }

  async function ask(path: string, signal?: AbortSignal): Promise<Record<string, unknown> | null> {
    if ((await version(signal)) === null) return null;
    const url = `${base}${path}`;
    const answer = await getJson(transport, url, signal);
    if (isRecord(answer)) return answer;
    const asked: Asked = { archive: settings.name, method: 'GET', url };
    throw badAnswer(asked, 200, 'answered with other JSON than Orthanc does');
  }

  return {
    async changes(since, limit, signal) {
      const answer = await ask(`/changes?since=${since}&limit=${limit}`, signal);
      if (answer === null) return null;
      const rows = Array.isArray(answer['Changes']) ? (answer['Changes'] as unknown[]) : [];
      const changes = rows.flatMap((row) => change(row) ?? []);
      const last = Number(answer['Last']);
      const done = answer['Done'] !== false;
      const fellBack =
        rows.length === 0 && done && Number.isSafeInteger(last) && last >= 0 && last < since;
      return {
        changes,
        // In the same database new rows come after every row there ever was, so that beginning at the
        // end of what is left repeats nothing; in a new database it is the only way to hear anything.
        next: fellBack ? last : Math.max(since, ...changes.map(({ seq }) => seq)),
        // An answer without rows that says there are more would be asked for ever.
        done: done || rows.length === 0,
        fellBack,
      };
    },
    async last(signal) {
      const answer = await ask('/changes?last', signal);
      if (answer === null) return null;
      const last = Number(answer['Last']);
      return Number.isSafeInteger(last) && last >= 0 ? last : 0;
    },
    async studyOf(row, signal) {
      const path = studyPath(row);
      if (path === null) return null;
      try {
        const study = await ask(path, signal);
        const tags = study?.['MainDicomTags'];
        const uid = isRecord(tags) ? tags['StudyInstanceUID'] : null;
        return typeof uid === 'string' && UID.test(uid) ? uid : null;
      } catch (error) {
        if (error instanceof SitusError && error.details['status'] === 404) return null;
        throw error;
      }
    },
    async server(signal) {
      const found = await version(signal);
      return found === null ? null : `Orthanc ${found.slice(0, 40)}`;
    },
  };
}

function studyPath({ resource, id }: Change): string | null {
  if (!ORTHANC_ID.test(id)) return null;
  switch (resource) {
    case 'Study':
      return `/studies/${id}`;
    case 'Series':
      return `/series/${id}/study`;
    case 'Instance':
      return `/instances/${id}/study`;
    case 'Patient':
      return null;
  }
}

function change(row: unknown): Change | null {
  if (!isRecord(row)) return null;
  const { Seq, ChangeType, ResourceType, ID } = row;
  const resource = RESOURCES.find((name) => name === ResourceType);
  if (typeof Seq !== 'number' || !Number.isSafeInteger(Seq) || resource === undefined) return null;
  if (typeof ChangeType !== 'string' || typeof ID !== 'string') return null;
  return { seq: Seq, type: ChangeType.slice(0, 64), resource, id: ID.slice(0, 64) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonOrNull(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SitusError) return null;
    throw error;
  }
}
