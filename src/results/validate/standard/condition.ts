import type { ReadDataset } from '../../read/dataset.ts';
import type { ObjectKind } from './kinds.ts';

/** What a condition may look at. */
export interface Circumstances {
  /** Where the attribute stands, or would. */
  readonly item: ReadDataset;
  readonly root: ReadDataset;
  readonly kind: ObjectKind;
}

/** When an attribute must be there, and whether it may be there otherwise. */
export interface Condition {
  /** Where the standard states it; PS3.3 unless said otherwise. */
  readonly section: string;
  readonly required: (at: Circumstances) => boolean;
  readonly otherwise: 'allowed' | 'forbidden';
}
