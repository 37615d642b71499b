import { CHANGE_KINDS, type Change, type ChangeKind } from './compare.ts';
import type { ReplayedPage } from './tasks.ts';

/** Series that would change in the same way. */
export interface ChangeGroup {
  readonly rule: string | null;
  readonly kind: ChangeKind;
  readonly sequence: string;
  readonly series: number;
  readonly studies: number;
  /** The first few, with what was and what would be. */
  readonly examples: readonly Omit<Change, 'rule' | 'kind' | 'sequence'>[];
}

export interface ReplaySummary {
  readonly studies: number;
  readonly series: number;
  readonly withoutHeaders: number;
  /** Studies in which something is segmented, stored or ordered differently. */
  readonly studiesChanged: number;
  /** Studies in which only the reason differs for which series are left alone. */
  readonly studiesWithOtherReasons: number;
  readonly groups: readonly ChangeGroup[];
}

type Growing = { -readonly [Key in keyof ChangeGroup]: ChangeGroup[Key] } & {
  examples: Omit<Change, 'rule' | 'kind' | 'sequence'>[];
  last: string;
};

/** Adds up pages; keeps counts and the first `examples` studies of each group, never the studies themselves. */
export class Tally {
  readonly #examples: number;
  readonly #groups = new Map<string, Growing>();
  #studies = 0;
  #series = 0;
  #withoutHeaders = 0;
  #changed = 0;
  #otherReasons = 0;

  constructor(examples: number) {
    this.#examples = examples;
  }

  add(page: ReplayedPage): void {
    this.#studies += page.studies;
    this.#series += page.series;
    this.#withoutHeaders += page.withoutHeaders;
    for (const changes of page.changes) {
      if (changes.some((one) => one.kind !== 'reason')) this.#changed += 1;
      else this.#otherReasons += 1;
      for (const change of changes) this.#count(change);
    }
  }

  #count({ rule, kind, sequence, ...example }: Change): void {
    const key = JSON.stringify([rule, kind, sequence]);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { rule, kind, sequence, series: 0, studies: 0, examples: [], last: '' };
      this.#groups.set(key, group);
    }
    group.series += 1;
    // The changes of a study come together, so looking at the last one counts studies.
    if (group.last === example.studyInstanceUid) return;
    group.last = example.studyInstanceUid;
    group.studies += 1;
    if (group.examples.length < this.#examples) group.examples.push(example);
  }

  summary(): ReplaySummary {
    const weight = (one: Growing): number => CHANGE_KINDS.indexOf(one.kind);
    const groups = [...this.#groups.values()].sort(
      (a, b) => weight(a) - weight(b) || b.series - a.series || compareText(a.rule, b.rule),
    );
    return {
      studies: this.#studies,
      series: this.#series,
      withoutHeaders: this.#withoutHeaders,
      studiesChanged: this.#changed,
      studiesWithOtherReasons: this.#otherReasons,
      groups: groups.map(({ rule, kind, sequence, series, studies, examples }) => ({
        rule,
        kind,
        sequence,
        series,
        studies,
        examples,
      })),
    };
  }
}

function compareText(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '', 'en');
}
