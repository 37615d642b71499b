import type {
  EarlierResult,
  RuleSet,
  SequenceDefinitions,
  StudyHeaders,
} from '../contracts/index.ts';
import type { DecidedStudy } from '../records/index.ts';
import { decide } from '../routing/index.ts';
import { matchStudy } from '../sequences/index.ts';
import { type Change, compareDecisions } from './compare.ts';
import { parsed, type RecordedDecision } from './recorded.ts';

/** The rules and definitions to decide by, with the versions that decisions name. */
export interface ReplayBy {
  readonly rules: RuleSet;
  readonly rulesVersion: string;
  readonly sequences: SequenceDefinitions;
  readonly sequencesVersion: string;
}

/** A page of studies, decided again and compared. */
export interface ReplayedPage {
  readonly studies: number;
  readonly series: number;
  /** Studies whose revision was saved without headers: nothing can be said of them. */
  readonly withoutHeaders: number;
  /** Of each study that changes, its changes. */
  readonly changes: readonly (readonly Change[])[];
}

/** Decides every study of a page again. Pure, and the part that costs: run it off the main thread. */
export function replayPage(page: readonly DecidedStudy[], by: ReplayBy): ReplayedPage {
  const versions = { ruleSetVersion: by.rulesVersion, sequencesVersion: by.sequencesVersion };
  const changes: (readonly Change[])[] = [];
  let series = 0;
  let withoutHeaders = 0;
  for (const { headers: text, targets, verdicts, earlier: results } of page) {
    if (text === null) {
      withoutHeaders += 1;
      continue;
    }
    const headers = parsed<StudyHeaders>(text, 'headers');
    series += headers.series.length;
    const earlier =
      results === undefined ? null : parsed<readonly EarlierResult[]>(results, 'earlier results');
    const matches = matchStudy(headers, by.sequences);
    const decision = decide(headers, matches, by.rules, versions, earlier);
    const recorded: RecordedDecision = {
      targets: parsed(targets, 'targets'),
      verdicts: parsed(verdicts, 'verdicts'),
    };
    const changed = compareDecisions(recorded, decision);
    if (changed.length > 0) changes.push(changed);
  }
  return { studies: page.length, series, withoutHeaders, changes };
}
