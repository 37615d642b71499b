import type { Archive } from '../archive/index.ts';
import { PRODUCT_NAME, type SeriesListing } from '../contracts/index.ts';
import type { Records } from '../records/index.ts';

/** Modalities of what Situs stores; only such series are asked who made them. */
const RESULT_MODALITIES = new Set(['SEG', 'SR', 'KO', 'SC', 'OT']);
const MANUFACTURER = '00080070';
const MODEL_NAME = '00081090';

/**
 * Tells results of Situs from sources (guarantee 4): by our own record, and for results of another
 * Situs by the equipment that its objects name. Answers are remembered, a series never changes hands.
 */
export class OwnResults {
  readonly #archive: Archive;
  readonly #intake: Records['intake'];
  readonly #known = new Map<string, boolean>();

  constructor(archive: Archive, intake: Records['intake']) {
    this.#archive = archive;
    this.#intake = intake;
  }

  /** Those series of a study that are not results of any Situs. */
  async sources(
    studyInstanceUid: string,
    series: readonly SeriesListing[],
    signal: AbortSignal,
  ): Promise<SeriesListing[]> {
    const ours = await this.#intake.ownUids(series.map((one) => one.seriesInstanceUid));
    const sources: SeriesListing[] = [];
    for (const one of series) {
      if (ours.has(one.seriesInstanceUid)) continue;
      if (RESULT_MODALITIES.has(one.modality ?? '')) {
        if (await this.#madeBySitus(studyInstanceUid, one.seriesInstanceUid, signal)) continue;
      }
      sources.push(one);
    }
    return sources;
  }

  async #madeBySitus(
    studyInstanceUid: string,
    seriesInstanceUid: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const known = this.#known.get(seriesInstanceUid);
    if (known !== undefined) return known;
    const place = { studyInstanceUid, seriesInstanceUid };
    const [first] = await this.#archive.seriesMetadata(place, { signal });
    const made = [MANUFACTURER, MODEL_NAME].some(
      (tag) => first?.[tag]?.Value?.[0] === PRODUCT_NAME,
    );
    this.#known.set(seriesInstanceUid, made);
    return made;
  }
}
