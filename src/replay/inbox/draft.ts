import {
  type Rule,
  type RuleSet,
  type SequenceDefinitions,
  type SeriesCondition,
  type ValueTestText,
} from '../../contracts/index.ts';
import { UNKNOWN } from '../../sequences/index.ts';
import { descriptionTest, exactTest } from './draft-tests.ts';
import type { InboxGroup } from './groups.ts';
import { keyText } from './group-key.ts';
import { type EvidenceDraft, evidenceDraft } from './draft-evidence.ts';
import { wants } from './wants.ts';

/** What a rule orders, where no rule of the file does so yet. */
export type Order = Pick<Rule, 'segment' | 'store'>;

/** A rule that takes the series of a group, to stand behind all others. */
export interface RuleDraft {
  readonly kind: 'rule';
  /** `keyText` of the group. */
  readonly group: string;
  readonly sequence: string;
  readonly rule: Rule;
  /** The rule whose model, outputs and schedule it has; null where the file has none to copy. */
  readonly like: string | null;
}

/** Nothing can be drafted: the headers say too little. */
export interface NoDraft {
  readonly kind: 'none';
  readonly group: string;
}

export type Draft = RuleDraft | EvidenceDraft | NoDraft;

/** What the shipped rules ask for; a group that is less sure gets what it has. */
const CONFIDENCE = 0.8;
const LONGEST_NAME = 100;

/**
 * Drafts what would take a group: a rule where the sequence is known, an item of evidence for
 * `sequences.yaml` where it is not, nothing where there is no description to go by.
 * @param taken names of rules, of the file and of other drafts; the draft's gets a number behind it.
 */
export function draftFor(
  group: InboxGroup,
  by: { readonly rules: RuleSet; readonly sequences: SequenceDefinitions },
  order: Order,
  taken: ReadonlySet<string> = new Set(),
): Draft {
  const { key } = group;
  const draft = { group: keyText(key), sequence: key.sequence };
  if (key.sequence === UNKNOWN) {
    return evidenceDraft(group, draft.group, by.sequences) ?? { kind: 'none', group: draft.group };
  }
  const like = ruleToCopy(group, by.rules);
  return {
    ...draft,
    kind: 'rule',
    like: like?.name ?? null,
    rule: {
      name: freeName(group, new Set([...taken, ...by.rules.rules.map((one) => one.name)])),
      when: conditionFor(group),
      segment: like?.segment ?? order.segment,
      store: like?.store ?? order.store,
      ...(like?.priority === undefined || like.priority === 'normal'
        ? {}
        : { priority: like.priority }),
      ...(like?.quiet === undefined ? {} : { quiet: like.quiet }),
      ...(like?.gate === undefined ? {} : { gate: like.gate }),
    },
  };
}

function conditionFor(group: InboxGroup): SeriesCondition {
  const { modality, manufacturer, model, station, fieldStrength, sequence } = group.key;
  const lowest = Math.floor(group.lowestConfidence * 100) / 100;
  const tests: readonly (readonly [keyof SeriesCondition, ValueTestText | null])[] = [
    ['modality', exactTest([modality])],
    ['sequence', sequence],
    ['confidence', `>= ${Math.min(CONFIDENCE, lowest)}`],
    ['manufacturer', exactTest([manufacturer])],
    ['model', exactTest([model])],
    ['station', exactTest([station])],
    ['fieldStrength', fieldTest(fieldStrength)],
    ['description', descriptionTest(group)],
  ];
  return Object.fromEntries(tests.filter(([, test]) => test !== null));
}

/** Around the nominal strength: scanners write 2.89 or 3 for the same magnet. */
function fieldTest(tesla: number | null): string | null {
  if (tesla === null) return null;
  const around = tesla >= 1 ? 0.25 : 0.005;
  const digits = tesla >= 1 ? 2 : 3;
  return `${(tesla - around).toFixed(digits)}..${(tesla + around).toFixed(digits)}`;
}

/** A rule that segments this sequence, else this modality, else anything. */
function ruleToCopy({ key }: InboxGroup, { rules }: RuleSet): Rule | null {
  const ordering = rules.filter((one) => one.segment !== undefined && one.store !== undefined);
  return (
    ordering.find((one) => wants(one.when.sequence, key.sequence)) ??
    ordering.find((one) => wants(one.when.modality, key.modality)) ??
    ordering[0] ??
    null
  );
}

function freeName({ key, descriptions }: InboxGroup, taken: ReadonlySet<string>): string {
  const scanner = [key.model ?? key.manufacturer, key.station].filter((one) => one !== null);
  const of = scanner.length === 0 ? '' : ` of ${scanner.join(' ')}`;
  const called = descriptions[0] === undefined ? '' : `: ${descriptions[0].text}`;
  const name = `${key.sequence}${of}${called}`;
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : ` (${number})`;
    const free = `${name.slice(0, LONGEST_NAME - suffix.length)}${suffix}`;
    if (!taken.has(free)) return free;
  }
}
