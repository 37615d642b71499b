import { textProblem } from './values.ts';

/** An element that is written as it is: text copied from the source, right or wrong. */
export interface Verbatim {
  readonly vr: string;
  readonly bytes: Uint8Array;
}

/**
 * A data set by keyword. Type 2 without a value is `''`, an empty sequence `[]`, an absent element is
 * left out. Numbers in text VRs (DS, IS) are given as finished strings.
 */
export interface Dataset {
  readonly [keyword: string]: DatasetValue;
}

export type DatasetValue =
  string | number | readonly (string | number)[] | readonly Dataset[] | Uint8Array | Verbatim;

/**
 * A UID that refers to an object of someone else: as it is, for a reference must name what exists,
 * even where its maker broke the rules of UIDs.
 */
export function referenceUid(uid: string): string | Verbatim {
  return textProblem('UI', uid) === null ? uid : { vr: 'UI', bytes: new TextEncoder().encode(uid) };
}

export function isVerbatim(value: DatasetValue): value is Verbatim {
  return typeof value === 'object' && 'vr' in value && 'bytes' in value;
}
