import { join } from 'node:path';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import type { RuleSet, SequenceDefinitions } from '../../src/contracts/index.ts';
import { decide } from '../../src/routing/index.ts';
import { matchStudy, studyFromLine } from '../../src/sequences/index.ts';
import {
  type LabelledStudy,
  labelledStudies,
  type ScoredSeries,
  scoredSeries,
  scoreOf,
  studyScore,
  TARGETS,
} from '../support/labelled-headers.ts';
import { supportOf, without } from '../support/left-out-collection.ts';
import { measure, type Measurement } from './measure.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'config');
const RUNS = 3;
const METHOD =
  'what is found in no other collection is removed before a collection is scored, except words of published tables';

/**
 * Sequences and routing on the labelled headers of real studies: how right they are, as shipped and
 * by cross-validation over collections, and series a second (design §10: at least 5,000 on one core).
 */
export async function benchSequences(): Promise<Measurement[]> {
  const studies = labelledStudies();
  if (studies === null) {
    process.stderr.write('sequences: skipped, the labelled headers of ../shared are not here\n');
    return [];
  }
  const definitions = await loadSequences(join(CONFIG, 'sequences.yaml'));
  const rules = await loadRules(join(CONFIG, 'rules.yaml'));
  return [
    ...accuracy(studies, definitions.value, rules.value),
    throughput(studies, definitions.value, rules.value),
  ];
}

function accuracy(
  studies: readonly LabelledStudy[],
  definitions: SequenceDefinitions,
  rules: RuleSet,
): Measurement[] {
  const support = supportOf(studies, definitions);
  const shipped: ScoredSeries[][] = [];
  const leftOut: ScoredSeries[][] = [];
  const stricter: ScoredSeries[][] = [];
  const allWords: ScoredSeries[][] = [];
  const folds: Measurement[] = [];
  for (const collection of new Set(studies.map((study) => study.collection))) {
    const own = studies.filter((study) => study.collection === collection);
    const reduced = without(collection, definitions, support);
    const known = own.map((study) => scoredSeries(study, definitions, rules));
    const unseen = own.map((study) => scoredSeries(study, reduced.definitions, rules));
    const bare = without(collection, definitions, support, 'words and evidence');
    const poorest = without(collection, definitions, support, 'all words');
    const withoutAny = own.map((study) => scoredSeries(study, poorest.definitions, rules));
    shipped.push(...known);
    leftOut.push(...unseen);
    allWords.push(...withoutAny);
    stricter.push(...own.map((study) => scoredSeries(study, bare.definitions, rules)));
    folds.push(
      told(`left out: ${collection}`, {
        ...loss(known.flat(), unseen.flat()),
        wordsRemoved: reduced.words,
        lossOfAllWords: loss(known.flat(), withoutAny.flat())['loss'],
        allWordsRemoved: poorest.words,
        goal: 0.05,
      }),
    );
  }
  return [
    ...figures('as shipped', shipped),
    ...figures('cross-validation over collections', leftOut, { removed: 'words', method: METHOD }),
    ...figures('stricter cross-validation over collections', stricter, {
      removed: 'words and evidence',
      method: METHOD,
    }),
    ...figures('cross-validation, published words removed too', allWords, {
      removed: 'all words',
      method: 'what is found in no other collection is removed before a collection is scored',
    }),
    ...folds,
  ];
}

function figures(
  what: string,
  studies: readonly ScoredSeries[][],
  further: Readonly<Record<string, unknown>> = {},
): Measurement[] {
  const { withTarget, fullyRight, wronglyTaken } = studyScore(studies);
  return [
    ...TARGETS.map((target) => {
      const { precision, recall, f1, ...counts } = scoreOf(target, studies.flat());
      return told(`${target}, ${what}`, {
        precision: digits(precision),
        recall: digits(recall),
        f1: digits(f1),
        ...counts,
        ...further,
      });
    }),
    told(`studies fully right, ${what}`, {
      share: digits(fullyRight / withTarget),
      withTarget,
      fullyRight,
      wronglyTakenWithoutTarget: wronglyTaken,
      ...further,
    }),
  ];
}

/**
 * What a collection loses in F1 over all targets together when it is left out; per target a few
 * series of a small collection would decide. Null where the collection has no target at all.
 */
function loss(known: ScoredSeries[], unseen: ScoredSeries[]): Readonly<Record<string, unknown>> {
  const f1 = (rows: ScoredSeries[]): number => {
    const scores = TARGETS.map((target) => scoreOf(target, rows));
    const sum = (part: 'right' | 'wrong' | 'missed'): number =>
      scores.reduce((total, score) => total + score[part], 0);
    return (2 * sum('right')) / (2 * sum('right') + sum('wrong') + sum('missed'));
  };
  const [before, after] = [f1(known), f1(unseen)];
  return {
    series: known.length,
    f1: digits(before),
    f1LeftOut: digits(after),
    loss: digits(before - after),
  };
}

function throughput(
  lines: readonly LabelledStudy[],
  definitions: SequenceDefinitions,
  rules: RuleSet,
): Measurement {
  const studies = lines.map(studyFromLine);
  const series = studies.reduce((sum, study) => sum + study.series.length, 0);
  const versions = { ruleSetVersion: 'bench', sequencesVersion: 'bench' };
  const cpuSeconds: number[] = [];
  const wall = measure(
    `sequences and routing of ${studies.length} studies, ${series} series`,
    RUNS,
    () => {
      const started = process.cpuUsage();
      for (const study of studies) {
        decide(study, matchStudy(study, definitions), rules, versions);
      }
      const { user, system } = process.cpuUsage(started);
      cpuSeconds.push((user + system) / 1e6);
    },
    (median) => ({ seriesPerSecond: Math.round(series / median), goal: 5000 }),
  );
  const cpu = cpuSeconds.slice(1).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN;
  return { ...wall, seriesPerCpuSecond: Math.round(series / cpu) };
}

function told(what: string, measured: Readonly<Record<string, unknown>>): Measurement {
  return { what, seconds: [], median: 0, ...measured };
}

/** Three digits; null where a share of nothing was asked. */
function digits(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null;
}
