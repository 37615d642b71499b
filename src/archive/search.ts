/** QIDO-RS: finding studies and listing what is in them (dicomweb-servers §2). */
import type { DicomJson, SeriesListing, StudyListing } from '../contracts/index.ts';
import { count, text, texts, uid } from './data-sets.ts';
import type { DicomWeb, QueryParameters } from './dicomweb.ts';
import { eachRow } from './paging.ts';
import type { InstancePlace, SeriesPlace, StudyQuery, StudyRow } from './types.ts';

const STUDY_DATE = '00080020';
const MODALITY = '00080060';
const MODALITIES_IN_STUDY = '00080061';
const STUDY_DESCRIPTION = '00081030';
const SERIES_DESCRIPTION = '0008103E';
const SOP_INSTANCE_UID = '00080018';
const STUDY_INSTANCE_UID = '0020000D';
const SERIES_INSTANCE_UID = '0020000E';
const SERIES_NUMBER = '00200011';
const STUDY_SERIES_COUNT = '00201206';
const STUDY_INSTANCE_COUNT = '00201208';
const SERIES_INSTANCE_COUNT = '00201209';
/** Instance rows are small; 200 is the most that every known server allows (dicomweb-servers §6). */
const INSTANCE_PAGE = 200;

export interface Search {
  studies(query: StudyQuery, signal?: AbortSignal): AsyncGenerator<StudyRow>;
  study(studyInstanceUid: string, signal?: AbortSignal): Promise<StudyListing | null>;
  instances(series: SeriesPlace, signal?: AbortSignal): Promise<string[]>;
  has(instance: InstancePlace, signal?: AbortSignal): Promise<boolean>;
}

export function createSearch(archive: string, dicomWeb: DicomWeb, pageSize: number): Search {
  function studyRows(query: QueryParameters, signal?: AbortSignal): AsyncGenerator<DicomJson> {
    return eachRow({
      pageSize,
      key: (row) => uid(row, STUDY_INSTANCE_UID),
      page: (offset, limit) =>
        dicomWeb.searchStudies(
          { ...query, includefield: STUDY_DESCRIPTION, limit, offset },
          signal,
        ),
    });
  }

  function instanceRows(
    series: SeriesPlace,
    query: QueryParameters,
    said: number | null,
    signal?: AbortSignal,
  ) {
    return eachRow({
      said,
      pageSize: INSTANCE_PAGE,
      key: (row) => uid(row, SOP_INSTANCE_UID),
      page: (offset, limit) =>
        dicomWeb.searchInstances(series, { ...query, limit, offset }, signal),
    });
  }

  async function instances(
    series: SeriesPlace,
    said: number | null,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const uids: string[] = [];
    for await (const row of instanceRows(series, {}, said, signal)) {
      const sopInstanceUid = uid(row, SOP_INSTANCE_UID);
      if (sopInstanceUid !== null && isOf(row, series)) uids.push(sopInstanceUid);
    }
    return uids.sort();
  }

  async function seriesOf(studyInstanceUid: string, said: number | null, signal?: AbortSignal) {
    const listings: SeriesListing[] = [];
    const rows = eachRow({
      said,
      pageSize,
      key: (row) => uid(row, SERIES_INSTANCE_UID),
      page: (offset, limit) => dicomWeb.searchSeries(studyInstanceUid, { limit, offset }, signal),
    });
    for await (const row of rows) {
      const seriesInstanceUid = uid(row, SERIES_INSTANCE_UID);
      if (seriesInstanceUid === null) continue;
      const place = { studyInstanceUid, seriesInstanceUid };
      if (!isOf(row, place)) continue;
      listings.push({
        seriesInstanceUid,
        modality: text(row, MODALITY),
        seriesNumber: text(row, SERIES_NUMBER),
        seriesDescription: text(row, SERIES_DESCRIPTION),
        sopInstanceUids: await instances(place, count(row, SERIES_INSTANCE_COUNT), signal),
      });
    }
    return listings.sort((a, b) => (a.seriesInstanceUid < b.seriesInstanceUid ? -1 : 1));
  }

  return {
    instances: (series, signal) => instances(series, null, signal),
    async *studies(query, signal) {
      const found = new Set<string>();
      const date = dateRange(query);
      const searches =
        query.modalities.length === 0
          ? [date]
          : query.modalities.map((modality) => ({ ...date, ModalitiesInStudy: modality }));
      for (const search of searches) {
        for await (const attributes of studyRows(search, signal)) {
          const row = studyRow(attributes);
          if (row === null || found.has(row.studyInstanceUid) || !fits(row, query)) continue;
          found.add(row.studyInstanceUid);
          yield row;
        }
      }
    },
    async study(studyInstanceUid, signal) {
      const query = { StudyInstanceUID: studyInstanceUid };
      for await (const attributes of studyRows(query, signal)) {
        const row = studyRow(attributes);
        if (row?.studyInstanceUid !== studyInstanceUid) continue;
        const series = await seriesOf(studyInstanceUid, row.seriesCount, signal);
        const modalities = row.modalities.length > 0 ? row.modalities : modalitiesOf(series);
        const { studyDate, studyDescription } = row;
        return {
          archive,
          studyInstanceUid,
          studyDate,
          studyDescription,
          modalities,
          attributes,
          series,
        };
      }
      return null;
    },
    async has(instance, signal) {
      const query = { SOPInstanceUID: instance.sopInstanceUid };
      for await (const row of instanceRows(instance, query, null, signal)) {
        if (uid(row, SOP_INSTANCE_UID) === instance.sopInstanceUid && isOf(row, instance)) {
          return true;
        }
      }
      return false;
    },
  };
}

function studyRow(attributes: DicomJson): StudyRow | null {
  const studyInstanceUid = uid(attributes, STUDY_INSTANCE_UID);
  if (studyInstanceUid === null) return null;
  return {
    studyInstanceUid,
    studyDate: text(attributes, STUDY_DATE),
    studyDescription: text(attributes, STUDY_DESCRIPTION),
    modalities: texts(attributes, MODALITIES_IN_STUDY)
      .flatMap((value) => value.split('\\'))
      .sort(),
    seriesCount: count(attributes, STUDY_SERIES_COUNT),
    instanceCount: count(attributes, STUDY_INSTANCE_COUNT),
    attributes,
  };
}

/** Servers ignore keys they do not know and then answer with all studies: what a row says must fit. */
function fits(row: StudyRow, query: StudyQuery): boolean {
  const { modalities, studyDateFrom, studyDateTo } = query;
  if (modalities.length > 0 && row.modalities.length > 0) {
    if (!row.modalities.some((modality) => modalities.includes(modality))) return false;
  }
  if (row.studyDate === null) return true;
  const day = row.studyDate.replaceAll('.', '').replaceAll('-', '');
  if (studyDateFrom !== undefined && day < studyDateFrom) return false;
  return studyDateTo === undefined || day <= studyDateTo;
}

function dateRange({ studyDateFrom, studyDateTo }: StudyQuery): QueryParameters {
  if (studyDateFrom === undefined && studyDateTo === undefined) return {};
  return { StudyDate: `${studyDateFrom ?? ''}-${studyDateTo ?? ''}` };
}

/** Whether a row that names its study and series names those. */
function isOf(row: DicomJson, place: SeriesPlace): boolean {
  const study = uid(row, STUDY_INSTANCE_UID) ?? place.studyInstanceUid;
  const series = uid(row, SERIES_INSTANCE_UID) ?? place.seriesInstanceUid;
  return study === place.studyInstanceUid && series === place.seriesInstanceUid;
}

function modalitiesOf(series: readonly SeriesListing[]): string[] {
  return [...new Set(series.flatMap(({ modality }) => modality ?? []))].sort();
}
