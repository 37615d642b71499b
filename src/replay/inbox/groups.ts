import type { GroupKey } from './group-key.ts';
import { keyText } from './group-key.ts';
import type { InboxPage, InboxSeries } from './page.ts';

/** How often something was seen, most often first. */
export interface Seen {
  readonly text: string;
  readonly series: number;
}

/** Series that looked relevant and that no rule took, of one scanner and with one description. */
export interface InboxGroup {
  readonly key: GroupKey;
  readonly studies: number;
  readonly series: number;
  /** Studies with more than one series of the group: a rule for it may want to choose. */
  readonly studiesWithSeveral: number;
  /** The descriptions as they are written; empty when there are none. */
  readonly descriptions: readonly Seen[];
  /** There are more descriptions than are kept. */
  readonly moreDescriptions: boolean;
  /** Plane and fine kind. */
  readonly kinds: readonly Seen[];
  readonly lowestConfidence: number;
  /** Why no rule took them: rule and first condition that failed, with the values of one series. */
  readonly reasons: readonly (Seen & { readonly rule: string | null })[];
  /** Of an unsure group: what speaks for one of its series. */
  readonly evidence: string;
  /** Of an unsure group: attributes that would tell, and how many series lack them. */
  readonly missing: readonly Seen[];
  /** The series of the latest study, to be explained. */
  readonly last: {
    readonly date: string;
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
  };
}

export interface Inbox {
  readonly studies: number;
  readonly withoutHeaders: number;
  /** Studies and series in the inbox, those of the groups that were cut included. */
  readonly studiesWithUntaken: number;
  readonly series: number;
  /** Most studies first. */
  readonly groups: readonly InboxGroup[];
  /** Series that are in no group, because there were too many groups; 0 when none was cut. */
  readonly seriesCut: number;
}

/** Different texts that are kept of a group; those that come later are not counted. */
const MOST_TEXTS = 12;
const MOST_GROUPS = 2_000;
/** The value that a condition saw, e.g. the confidence, differs from series to series. */
const SEEN_VALUE = /"[^"]*"/g;

interface Growing {
  readonly key: GroupKey;
  studies: number;
  series: number;
  studiesWithSeveral: number;
  readonly descriptions: Texts;
  readonly kinds: Texts;
  readonly reasons: Texts<{ readonly rule: string | null }>;
  readonly missing: Texts;
  lowestConfidence: number;
  evidence: string;
  last: InboxGroup['last'];
}

/** Adds up pages; keeps at most so many groups, and of each a bounded number of texts. */
export class InboxGroups {
  readonly #most: number;
  readonly #groups = new Map<string, Growing>();
  #studies = 0;
  #withoutHeaders = 0;
  #studiesWithUntaken = 0;
  #series = 0;
  #cut = 0;

  constructor(most = MOST_GROUPS) {
    this.#most = most;
  }

  add(page: InboxPage): void {
    this.#studies += page.studies;
    this.#withoutHeaders += page.withoutHeaders;
    for (const study of page.found) {
      this.#studiesWithUntaken += 1;
      const inStudy = new Map<Growing, number>();
      for (const series of study) {
        this.#series += 1;
        const group = this.#groupOf(series);
        if (group === null) {
          this.#cut += 1;
          continue;
        }
        addSeries(group, series);
        inStudy.set(group, (inStudy.get(group) ?? 0) + 1);
      }
      for (const [group, count] of inStudy) {
        group.studies += 1;
        if (count > 1) group.studiesWithSeveral += 1;
      }
    }
  }

  #groupOf(series: InboxSeries): Growing | null {
    const text = keyText(series.key);
    const known = this.#groups.get(text);
    if (known !== undefined) return known;
    if (this.#groups.size >= this.#most) return null;
    const { date, studyInstanceUid, seriesInstanceUid } = series;
    const fresh: Growing = {
      key: series.key,
      studies: 0,
      series: 0,
      studiesWithSeveral: 0,
      descriptions: new Texts(),
      kinds: new Texts(),
      reasons: new Texts(),
      missing: new Texts(),
      lowestConfidence: series.confidence,
      evidence: series.evidence,
      last: { date, studyInstanceUid, seriesInstanceUid },
    };
    this.#groups.set(text, fresh);
    return fresh;
  }

  inbox(): Inbox {
    const groups = [...this.#groups.entries()]
      .sort(([a, one], [b, other]) => {
        const weight = other.studies - one.studies || other.series - one.series;
        return weight === 0 ? Number(a > b) - Number(a < b) : weight;
      })
      .map(([, group]) => finished(group));
    return {
      studies: this.#studies,
      withoutHeaders: this.#withoutHeaders,
      studiesWithUntaken: this.#studiesWithUntaken,
      series: this.#series,
      groups,
      seriesCut: this.#cut,
    };
  }
}

function addSeries(group: Growing, series: InboxSeries): void {
  const { date, studyInstanceUid, seriesInstanceUid, reason } = series;
  group.series += 1;
  group.lowestConfidence = Math.min(group.lowestConfidence, series.confidence);
  if (series.description !== null) group.descriptions.add(series.description);
  if (series.fine !== '') group.kinds.add(series.fine);
  if (reason !== null) {
    const { rule, text } = reason;
    group.reasons.add(text, JSON.stringify([rule, text.replace(SEEN_VALUE, '"…"')]), { rule });
  }
  for (const keyword of series.missing) group.missing.add(keyword);
  const isLater =
    date > group.last.date ||
    (date === group.last.date && studyInstanceUid > group.last.studyInstanceUid);
  if (isLater) {
    group.last = { date, studyInstanceUid, seriesInstanceUid };
    group.evidence = series.evidence;
  }
}

function finished(group: Growing): InboxGroup {
  return {
    ...group,
    descriptions: group.descriptions.seen(),
    moreDescriptions: group.descriptions.isFull,
    kinds: group.kinds.seen(),
    reasons: group.reasons.seen(),
    missing: group.missing.seen(),
  };
}

/** Counts texts, the first few different ones; texts with one key are one. */
class Texts<More extends object = object> {
  readonly #seen = new Map<string, { text: string; series: number } & More>();
  isFull = false;

  add(text: string, ...rest: object extends More ? [key?: string] : [key: string, more: More]) {
    const [key = text, more = {} as More] = rest as [string?, More?];
    const known = this.#seen.get(key);
    if (known !== undefined) known.series += 1;
    else if (this.#seen.size < MOST_TEXTS) this.#seen.set(key, { ...more, text, series: 1 });
    else this.isFull = true;
  }

  seen(): readonly (Seen & More)[] {
    return [...this.#seen.values()].sort((a, b) => b.series - a.series);
  }
}
