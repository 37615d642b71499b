import type { Volume } from '../../contracts/index.ts';
import type { ImageName, ScanKind } from '../phantom/scan.ts';

/** Scan types the demonstration model is judged on, by the sequence that rules know. */
export const SCAN_TYPES = [
  { sequence: 'ct_abdomen', kind: 'ct', image: 'ct' },
  { sequence: 't1_in_phase', kind: 't1_dual_echo', image: 'in_phase' },
  { sequence: 'haste', kind: 'haste', image: 'haste' },
] as const satisfies readonly { sequence: string; kind: ScanKind; image: ImageName }[];

/** A phantom as every scan type shows it. */
export interface ScannedPhantom {
  readonly seed: number;
  /** mL of each structure in the whole phantom, by label. */
  readonly wholeMl: readonly number[];
  readonly scans: readonly {
    readonly sequence: string;
    readonly volume: Volume;
    /** The truth on the volume's grid: label 1 to 40. */
    readonly truth: Uint8Array;
  }[];
}
