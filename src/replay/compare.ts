import { isDeepStrictEqual } from 'node:util';
import type { Decision, Target, Verdict } from '../contracts/index.ts';
import type { RecordedDecision } from './recorded.ts';

/**
 * How a series would fare differently, most weighty first:
 * `gained` it would be segmented and was not; `lost` it was and would not be;
 * `series` another series of the study would be segmented instead, by the same rule;
 * `stack` another echo, phase or stack of it; `model`; `settings` of the inference; `outputs` that are
 * stored; `gate` levels; `schedule` its priority or quiet hours; `rule` another rule would order the same;
 * `reason` it is left alone either way, as another sequence, by another rule or for another reason.
 */
export const CHANGE_KINDS = [
  'gained',
  'lost',
  'series',
  'stack',
  'model',
  'settings',
  'outputs',
  'gate',
  'schedule',
  'rule',
  'reason',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One series that would be decided differently. Holds no patient data. */
export interface Change {
  readonly kind: ChangeKind;
  /** The rule that would take it, or that took it where it is lost; null when none is concerned. */
  readonly rule: string | null;
  /** What the series is, e.g. `haste`, or what it was and would be, e.g. `haste → unknown`. */
  readonly sequence: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly before: string;
  readonly after: string;
}

type Order = Omit<Target, 'frames'>;
type Fate = Omit<Verdict, 'rules' | 'confidence'>;

/** In the order of weight; the first that differs names the change. */
const DIFFERENCES: readonly {
  readonly kind: ChangeKind;
  readonly of: (order: Order) => unknown;
  readonly say: (order: Order) => string;
}[] = [
  { kind: 'stack', of: (one) => one.stackId, say: (one) => `stack ${one.stackId}` },
  { kind: 'model', of: (one) => one.segment.model, say: (one) => `model ${one.segment.model}` },
  { kind: 'settings', of: (one) => one.segment, say: (one) => words(one.segment) },
  { kind: 'outputs', of: (one) => one.store, say: (one) => words(one.store) },
  { kind: 'gate', of: (one) => one.gate, say: (one) => words(one.gate ?? {}) || 'as everywhere' },
  { kind: 'schedule', of: scheduleOf, say: (one) => words(scheduleOf(one)) },
  { kind: 'rule', of: (one) => one.rule, say: (one) => `rule "${one.rule}"` },
];

/** What a new decision on a study changes of the recorded one. Series that only one of them knows are left out. */
export function compareDecisions(recorded: RecordedDecision, decision: Decision): Change[] {
  const recordedFates = new Map(recorded.verdicts.map((one) => [one.seriesInstanceUid, one]));
  const changes: Change[] = [];
  for (const will of decision.verdicts) {
    const was = recordedFates.get(will.seriesInstanceUid);
    if (was === undefined) continue;
    const isOfSeries = (one: Order): boolean => one.seriesInstanceUid === will.seriesInstanceUid;
    const place = {
      studyInstanceUid: decision.studyInstanceUid,
      seriesInstanceUid: will.seriesInstanceUid,
      sequence:
        was.sequence === will.sequence ? will.sequence : `${was.sequence} → ${will.sequence}`,
    };
    const orders = paired(recorded.targets.filter(isOfSeries), decision.targets.filter(isOfSeries));
    const found =
      orders.length === 0
        ? [otherReason(was, will)]
        : orders.map(([ordered, order]) => orderChange(ordered, order, was, will));
    changes.push(...found.flatMap((one) => (one === null ? [] : [{ ...place, ...one }])));
  }
  return withReplacements(changes);
}

type What = Pick<Change, 'kind' | 'rule' | 'before' | 'after'>;
type OrderPair = readonly [Order | undefined, Order | undefined];

/** What was and will be ordered of one series: by the same rule first, then whatever is left in its order. */
function paired(was: readonly Order[], will: readonly Order[]): OrderPair[] {
  const pairs: OrderPair[] = [];
  const left = [...will];
  const take = (index: number): Order | undefined =>
    index < 0 ? undefined : left.splice(index, 1)[0];
  const renamed: Order[] = [];
  for (const order of was) {
    const same = take(left.findIndex((one) => one.rule === order.rule));
    if (same === undefined) renamed.push(order);
    else pairs.push([order, same]);
  }
  for (const order of renamed) pairs.push([order, take(0)]);
  return [...pairs, ...left.map((order): OrderPair => [undefined, order])];
}

function otherReason(was: Fate, will: Fate): What | null {
  if (was.sequence === will.sequence && was.rule === will.rule && was.reason === will.reason)
    return null;
  const say = ({ rule, reason }: Fate): string =>
    was.reason === will.reason && rule !== null ? `rule "${rule}": ${reason}` : reason;
  return { kind: 'reason', rule: will.rule, before: say(was), after: say(will) };
}

function orderChange(
  ordered: Order | undefined,
  order: Order | undefined,
  was: Fate,
  will: Fate,
): What | null {
  const reasons = { before: was.reason, after: will.reason };
  if (ordered === undefined) return { ...reasons, kind: 'gained', rule: order?.rule ?? null };
  if (order === undefined) return { ...reasons, kind: 'lost', rule: ordered.rule };
  const found = DIFFERENCES.find(
    ({ of }) => !isDeepStrictEqual(plain(of(ordered)), plain(of(order))),
  );
  if (found === undefined) return null;
  const { kind, say } = found;
  return { kind, rule: order.rule, before: say(ordered), after: say(order) };
}

/** A rule that loses one series of a study and gains another has chosen another. */
function withReplacements(changes: readonly Change[]): Change[] {
  const left = [...changes];
  const replaced: Change[] = [];
  for (const lost of changes.filter((one) => one.kind === 'lost')) {
    const gained = left.find((one) => one.kind === 'gained' && one.rule === lost.rule);
    if (gained === undefined) continue;
    left.splice(left.indexOf(lost), 1);
    left.splice(left.indexOf(gained), 1);
    replaced.push({
      ...gained,
      kind: 'series',
      before: `series ${lost.seriesInstanceUid}`,
      after: `series ${gained.seriesInstanceUid}: ${lost.after}`,
    });
  }
  return [...replaced, ...left];
}

function scheduleOf({ priority, quiet }: Order): object {
  return { priority, quiet };
}

/** As the record keeps it: keys without a value are not there. */
function plain(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}

function words(order: object): string {
  return Object.entries(order)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .sort()
    .join(', ');
}
