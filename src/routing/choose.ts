import type { Preference, Rule } from '../contracts/index.ts';
import { attributeOf, nameOf, type SeriesView, sliceCountOf, textOf } from './view.ts';

interface Judge {
  /** Higher is better; steps are coarse enough that noise does not decide. */
  readonly value: (view: SeriesView) => number;
  /** Why the winner won, behind its name. */
  readonly because: (winner: SeriesView, loser: SeriesView) => string;
}

const UNKNOWN = -1e9;

/** One judge for each preference a rule may name. */
const JUDGES: { readonly [Name in Preference]: Judge } = {
  axial: {
    value: ({ stack }) => (stack?.plane === 'axial' ? 2 : (stack?.plane ?? null) === null ? 1 : 0),
    because: (_winner, loser) =>
      `it is axial and this is ${loser.stack?.plane ?? 'of unknown orientation'}`,
  },
  'most-coverage': {
    value: ({ stack }) => Math.round(stack?.coverage ?? UNKNOWN),
    because: (winner, loser) =>
      `it covers ${mm(winner.stack?.coverage)} and this ${mm(loser.stack?.coverage)}`,
  },
  thinnest: {
    value: ({ stack }) => -Math.round((stack?.sliceSpacing ?? -UNKNOWN) * 100),
    because: (winner, loser) =>
      `its slices are ${mm(winner.stack?.sliceSpacing)} apart and those of this ${mm(loser.stack?.sliceSpacing)}`,
  },
  thickest: {
    value: ({ stack }) => Math.round((stack?.sliceSpacing ?? UNKNOWN) * 100),
    because: (winner, loser) =>
      `its slices are ${mm(winner.stack?.sliceSpacing)} apart and those of this ${mm(loser.stack?.sliceSpacing)}`,
  },
  'most-slices': {
    value: sliceCountOf,
    because: (winner, loser) =>
      `it has ${sliceCountOf(winner)} slices and this ${sliceCountOf(loser)}`,
  },
  'highest-confidence': {
    value: ({ match }) => Math.round(match.confidence * 100),
    because: (winner, loser) =>
      `its confidence is ${winner.match.confidence} and that of this ${loser.match.confidence}`,
  },
  original: {
    value: (view) => (/^ORIGINAL/i.test(textOf(attributeOf(view, 'ImageType')) ?? '') ? 1 : 0),
    because: () => 'it is original and this is derived',
  },
  earliest: {
    value: (view) => -timeOf(view),
    because: () => 'it was acquired earlier',
  },
  latest: {
    value: timeOf,
    because: () => 'it was acquired later',
  },
};

/** A candidate of a rule that was not taken, and why. */
export interface Loser {
  readonly view: SeriesView;
  readonly reason: string;
}

/**
 * Picks among the series that a rule matched: by its preferences in order, then by series number,
 * then by UID, so that the same study always gives the same choice.
 */
export function choose(
  rule: Rule,
  candidates: readonly SeriesView[],
): { readonly taken: SeriesView[]; readonly left: Loser[] } {
  if (rule.choose === undefined) return { taken: [...candidates], left: [] };
  const { prefer, most } = rule.choose;
  const ordered = [...candidates].sort((a, b) => compare(prefer, a, b));
  const taken = ordered.slice(0, most);
  const worst = taken[taken.length - 1];
  const left = ordered
    .slice(most)
    .map((view) => ({ view, reason: worst === undefined ? '' : lost(prefer, worst, view) }));
  return { taken, left };
}

function compare(prefer: readonly Preference[], a: SeriesView, b: SeriesView): number {
  const deciding = decidingPreference(prefer, a, b);
  if (deciding !== null) return JUDGES[deciding].value(b) - JUDGES[deciding].value(a);
  const number = seriesNumber(a) - seriesNumber(b);
  if (number !== 0) return number;
  return a.headers.seriesInstanceUid < b.headers.seriesInstanceUid ? -1 : 1;
}

function decidingPreference(
  prefer: readonly Preference[],
  a: SeriesView,
  b: SeriesView,
): Preference | null {
  return prefer.find((name) => JUDGES[name].value(a) !== JUDGES[name].value(b)) ?? null;
}

function lost(prefer: readonly Preference[], winner: SeriesView, loser: SeriesView): string {
  const deciding = decidingPreference(prefer, winner, loser);
  const why =
    deciding === null
      ? 'both are alike and it has the lower series number'
      : JUDGES[deciding].because(winner, loser);
  return `${nameOf(winner)} was preferred: ${why}`;
}

function seriesNumber(view: SeriesView): number {
  const number = Number(textOf(view.headers.attributes['SeriesNumber']) ?? NaN);
  return Number.isFinite(number) ? number : Number.MAX_SAFE_INTEGER;
}

/** Acquisition date and time as one number; 0 where the headers have neither. */
function timeOf(view: SeriesView): number {
  const date =
    textOf(attributeOf(view, 'AcquisitionDate') ?? attributeOf(view, 'SeriesDate')) ?? '';
  const time =
    textOf(attributeOf(view, 'AcquisitionTime') ?? attributeOf(view, 'SeriesTime')) ?? '';
  const both = Number(`${date.slice(0, 8).padEnd(8, '0')}${time.slice(0, 6).padEnd(6, '0')}`);
  return Number.isFinite(both) ? both : 0;
}

function mm(value: number | null | undefined): string {
  return value === null || value === undefined
    ? 'an unknown distance'
    : `${Math.round(value * 100) / 100} mm`;
}
