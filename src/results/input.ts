import type { Labels, Structure, Volume } from '../contracts/index.ts';
import type { SegEncoding } from './seg/kind.ts';
import type { ResultIdentity } from './uids.ts';

/** Situs itself, the General Equipment of its results. */
export interface Equipment {
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly softwareVersion: string;
}

/** The model, named alike in Contributing Equipment, in every segment and in the report (§6.3). */
export interface Algorithm {
  readonly name: string;
  readonly version: string;
  readonly manufacturer: string;
  readonly parameters?: readonly string[] | undefined;
}

/** What SEG and SR are made from. Everything that reaches their bytes is in here. */
export interface ResultInput {
  readonly volume: Volume;
  /** On the grid of the volume. */
  readonly labels: Labels;
  readonly structures: readonly Structure[];
  readonly identity: ResultIdentity;
  readonly equipment: Equipment;
  readonly algorithm: Algorithm;
  /** Fixed by the job, so that a repeated encoding gives the same bytes. */
  readonly contentTime: Date;
  /** BINARY when left out. A label map numbers its segments by the model's labels. */
  readonly encoding?: SegEncoding | undefined;
  /** Pixels of a label map in RLE Lossless; BINARY segmentations are never compressed (§1.2). */
  readonly compressed?: boolean | undefined;
  /** Offset such as `+0100` for our own dates where the source names none; UTC when left out. */
  readonly timezone?: string | undefined;
}
