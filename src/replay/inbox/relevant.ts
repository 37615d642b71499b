import {
  type EarlierResult,
  type RuleSet,
  type RuleVerdict,
  type SequenceDefinitions,
  type SequenceMatch,
  type SeriesHeaders,
  type StudyHeaders,
  type Verdict,
} from '../../contracts/index.ts';
import { seriesSaying, UNKNOWN } from '../../sequences/index.ts';
import { attributeOf } from './attribute-of.ts';
import { wants } from './wants.ts';

/** Fewer images are no volume; the definitions of the targets say the same. */
const FEWEST_SLICES = 8;
/** The list of words in `sequences.yaml` that names what the models are for. */
const REGION = 'abdomen';
const MODALITIES = ['MR', 'CT'];

/** What a series that looked relevant is: a target, or what it may be where the headers leave it open. */
export interface Kind {
  readonly sequence: string;
  /** Of an unsure series: what more speaks for than against, most first; empty when nothing speaks at all. */
  readonly between: readonly string[];
}

/**
 * The series of a study that the inbox is about: an abdominal MR or CT volume that a model could
 * segment, or that may be one, which no rule took and none was told to leave.
 *
 * - It has a stack of at least 8 images.
 * - It is a target of the definitions, however sure; or it is `unknown`, and more speaks for a target
 *   than against it; or nothing speaks for anything, and the words or body part say abdomen of an original image.
 * - No rule matches it: also not one that leaves it, or that preferred another series of the study.
 * - No rule with `stop` ended the study.
 * - It had no result of Situs when the study was decided.
 */
export function relevantSeries(
  study: StudyHeaders,
  matches: readonly SequenceMatch[],
  verdicts: readonly Verdict[],
  by: { readonly rules: RuleSet; readonly sequences: SequenceDefinitions },
  earlier: readonly EarlierResult[],
): ReadonlyMap<string, Kind> {
  const verdictOf = new Map(verdicts.map((one) => [one.seriesInstanceUid, one]));
  const withResult = new Set(earlier.map((one) => one.seriesInstanceUid));
  const matchOf = new Map(matches.map((one) => [one.seriesInstanceUid, one]));
  const targets = new Set(
    by.sequences.sequences.filter((one) => one.target).map((one) => one.name),
  );
  if (isStopped(verdicts, by.rules)) return new Map();
  let saying: ReadonlySet<string> | null = null;
  const isOfRegion = (uid: string): boolean =>
    (saying ??= seriesSaying(study, by.sequences, REGION)).has(uid);

  const relevant = new Map<string, Kind>();
  for (const series of study.series) {
    const uid = series.seriesInstanceUid;
    const match = matchOf.get(uid);
    const verdict = verdictOf.get(uid);
    if (match === undefined || verdict === undefined) continue;
    if (verdict.rule !== null || withResult.has(uid)) continue;
    if (!isVolume(series, match)) continue;
    const kind = kindOf(match, targets);
    if (kind === null) continue;
    const isOpen = kind.sequence === UNKNOWN && kind.between.length === 0;
    if (isOpen && !(isOriginal(study, series, match) && isOfRegion(uid))) continue;
    relevant.set(uid, kind);
  }
  return relevant;
}

/** Whether a rule with `stop` matched a series: then no rule behind it, and no draft, is tried for the study. */
function isStopped(verdicts: readonly Verdict[], { rules }: RuleSet): boolean {
  const stopping = new Set(rules.filter((one) => one.stop === true).map((one) => one.name));
  if (stopping.size === 0) return false;
  return verdicts.some((one) => one.rules.some((said) => said.matched && stopping.has(said.rule)));
}

function isVolume(series: SeriesHeaders, match: SequenceMatch): boolean {
  const stack = series.stacks.find((one) => one.id === match.stackId);
  if (stack === undefined) return false;
  return (stack.frames.length > 0 ? stack.frames.length : series.instanceCount) >= FEWEST_SLICES;
}

function kindOf(match: SequenceMatch, targets: ReadonlySet<string>): Kind | null {
  if (targets.has(match.sequence)) return { sequence: match.sequence, between: [] };
  if (match.sequence !== UNKNOWN) return null;
  if (match.evidence.length === 0) return { sequence: UNKNOWN, between: [] };
  const scores = new Map<string, number>();
  for (const { sequence, weight } of match.evidence) {
    scores.set(sequence, (scores.get(sequence) ?? 0) + weight);
  }
  const between = [...scores]
    .filter(([, score]) => score > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => name);
  return between.some((name) => targets.has(name)) ? { sequence: UNKNOWN, between } : null;
}

function isOriginal(study: StudyHeaders, series: SeriesHeaders, match: SequenceMatch): boolean {
  const imageType = attributeOf(study, series, match, 'ImageType');
  const first = typeof imageType === 'object' ? imageType[0] : imageType;
  const modality = String(attributeOf(study, series, match, 'Modality'));
  return first !== 'DERIVED' && MODALITIES.includes(modality);
}

/** Of the rules that want this kind of series, the first; it says what the series lacked. */
export function closestVerdict(verdict: Verdict, rules: RuleSet): RuleVerdict | null {
  const isWanted = ({ rule }: RuleVerdict): boolean => {
    const written = rules.rules.find((one) => one.name === rule)?.when.sequence;
    return wants(written, verdict.sequence);
  };
  return verdict.rules.find(isWanted) ?? null;
}
