import type { RuleSet, SequenceDefinitions, StudyHeaders } from '../../contracts/index.ts';
import type { DecidedStudy } from '../../records/index.ts';
import { type Change, compareDecisions } from '../compare.ts';
import { parsed } from '../recorded.ts';
import type { ReplayBy } from '../tasks.ts';
import { keyText } from './group-key.ts';
import { earlierOf, inboxSeries, judgedBy } from './page.ts';

/** Drafts as they are tried: the rules and definitions with all of them, and what each is for. */
export interface Trial {
  readonly rules: RuleSet;
  /** Null where no draft changes them. */
  readonly sequences: SequenceDefinitions | null;
  readonly drafts: readonly TriedDraft[];
}

export interface TriedDraft {
  /** `keyText` of the group. */
  readonly group: string;
  /** What the series are, or would be. */
  readonly sequence: string;
  /** Name of the drafted rule; null for evidence. */
  readonly rule: string | null;
}

/** What one draft does; series and studies that have some. */
export interface DraftEffect extends TriedDraft {
  readonly series: number;
  readonly studies: number;
  /** Series of the group that are what the draft says, at least so sure as rules ask (0.8). */
  readonly becoming: number;
  /** Series of the group that would be segmented, by any rule. */
  readonly taken: number;
  readonly takenStudies: number;
  /** Series of no drafted group that its rule would take too. */
  readonly outside: number;
  readonly outsideStudies: number;
  /** Study Instance UIDs of the first few of these. */
  readonly outsideExamples: readonly string[];
}

export interface TrialSummary {
  readonly drafts: readonly DraftEffect[];
  /** Studies in which anything else would change: what is segmented or what a series is. */
  readonly otherStudies: number;
  readonly otherExamples: readonly Pick<
    Change,
    'kind' | 'studyInstanceUid' | 'seriesInstanceUid' | 'before' | 'after'
  >[];
}

/** What the drafts do in one study. */
interface StudyEffect {
  readonly studyInstanceUid: string;
  /** By index of the draft. */
  readonly drafts: readonly {
    readonly index: number;
    readonly series: number;
    readonly becoming: number;
    readonly taken: number;
    readonly outside: number;
  }[];
  readonly others: readonly Change[];
}

export interface TrialPage {
  readonly studies: number;
  readonly effects: readonly StudyEffect[];
}

const SURE = 0.8;
const EXAMPLES = 3;

/** Decides every study of a page by the rules as they are and with the drafts, and compares. Pure. */
export function trialPage(page: readonly DecidedStudy[], by: ReplayBy, trial: Trial): TrialPage {
  const effects = page.flatMap((study): StudyEffect[] => {
    if (study.headers === null) return [];
    const effect = effectOn(parsed<StudyHeaders>(study.headers, 'headers'), study, by, trial);
    return effect === null ? [] : [effect];
  });
  return { studies: page.length, effects };
}

function effectOn(
  headers: StudyHeaders,
  study: DecidedStudy,
  by: ReplayBy,
  trial: Trial,
): StudyEffect | null {
  const earlier = earlierOf(study);
  const now = judgedBy(headers, earlier, by);
  const then = judgedBy(
    headers,
    earlier,
    { ...by, rules: trial.rules, sequences: trial.sequences ?? by.sequences },
    trial.sequences === null ? now.matches : undefined,
  );
  const byGroup = new Map(trial.drafts.map((draft, index) => [draft.group, index]));
  const indexOf = new Map<string, number>();
  for (const one of inboxSeries(headers, earlier, by, now)) {
    const index = byGroup.get(keyText(one.key));
    if (index !== undefined) indexOf.set(one.seriesInstanceUid, index);
  }
  const counts = trial.drafts.map((_, index) => ({
    index,
    series: 0,
    becoming: 0,
    taken: 0,
    outside: 0,
  }));
  for (const verdict of then.decision.verdicts) {
    const index = indexOf.get(verdict.seriesInstanceUid);
    const count = index === undefined ? undefined : counts[index];
    if (index === undefined || count === undefined) continue;
    count.series += 1;
    if (verdict.taken) count.taken += 1;
    const is = trial.drafts[index]?.sequence === verdict.sequence && verdict.confidence >= SURE;
    if (is) count.becoming += 1;
  }
  const others: Change[] = [];
  for (const change of compareDecisions(now.decision, then.decision)) {
    const isOfGroup = indexOf.has(change.seriesInstanceUid);
    // A series of a group that another one has to give way to is a change of the other.
    if (isOfGroup && change.kind !== 'series') continue;
    const ruled = trial.drafts.findIndex(({ rule }) => rule !== null && rule === change.rule);
    const count = counts[ruled];
    if (change.kind === 'gained' && count !== undefined) count.outside += 1;
    else if (change.kind !== 'reason' || change.sequence.includes(' → ')) others.push(change);
  }
  const drafts = counts.filter((one) => one.series + one.outside > 0);
  if (drafts.length === 0 && others.length === 0) return null;
  return { studyInstanceUid: headers.studyInstanceUid, drafts, others };
}

/** Adds up pages; keeps counts and a few examples. */
export class TrialTally {
  readonly #drafts: (TriedDraft & Counts)[];
  #otherStudies = 0;
  readonly #otherExamples: Change[] = [];

  constructor(trial: Trial) {
    this.#drafts = trial.drafts.map((draft) => ({
      ...draft,
      series: 0,
      studies: 0,
      becoming: 0,
      taken: 0,
      takenStudies: 0,
      outside: 0,
      outsideStudies: 0,
      outsideExamples: [],
    }));
  }

  add(page: TrialPage): void {
    for (const { studyInstanceUid, drafts, others } of page.effects) {
      for (const { index, series, becoming, taken, outside } of drafts) {
        const so = this.#drafts[index];
        if (so === undefined) continue;
        so.series += series;
        so.studies += Number(series > 0);
        so.becoming += becoming;
        so.taken += taken;
        so.takenStudies += Number(taken > 0);
        so.outside += outside;
        so.outsideStudies += Number(outside > 0);
        if (outside > 0 && so.outsideExamples.length < EXAMPLES) {
          so.outsideExamples.push(studyInstanceUid);
        }
      }
      this.#otherStudies += Number(others.length > 0);
      for (const change of others) {
        if (this.#otherExamples.length < EXAMPLES) this.#otherExamples.push(change);
      }
    }
  }

  summary(): TrialSummary {
    return {
      drafts: this.#drafts,
      otherStudies: this.#otherStudies,
      otherExamples: this.#otherExamples.map((one) => ({
        kind: one.kind,
        studyInstanceUid: one.studyInstanceUid,
        seriesInstanceUid: one.seriesInstanceUid,
        before: one.before,
        after: one.after,
      })),
    };
  }
}

type Counts = {
  -readonly [Key in Exclude<keyof DraftEffect, keyof TriedDraft | 'outsideExamples'>]: number;
} & { readonly outsideExamples: string[] };
