import { availableParallelism } from 'node:os';
import type { Structure, Volume } from '../../contracts/index.ts';
import { segment, type LoadedModel } from '../../segmentation/index.ts';
import { makePhantom } from '../phantom/phantom.ts';
import { takeScan, type ImageName, type Scan, type ScanKind } from '../phantom/scan.ts';
import { diceOf, overlap } from './dice.ts';

/** Scan types the demonstration model is judged on, by the sequence that rules know. */
const SCANS: readonly { sequence: string; kind: ScanKind; image: ImageName }[] = [
  { sequence: 'ct_abdomen', kind: 'ct', image: 'ct' },
  { sequence: 't1_in_phase', kind: 't1_dual_echo', image: 'in_phase' },
  { sequence: 'haste', kind: 'haste', image: 'haste' },
];

/** Mean Dice over the phantoms whose scan shows the structure, by sequence and structure. */
export interface Accuracy {
  readonly seeds: readonly number[];
  readonly sequences: readonly {
    readonly sequence: string;
    readonly mean: number;
    readonly structures: readonly { readonly name: string; readonly dice: number | null }[];
  }[];
}

const PHANTOM_SPACING = 2;

/**
 * Judges a model on phantoms it has not seen, through everything a real scan goes through: scanned
 * on an acquisition grid, preprocessed, segmented and brought back to that grid.
 */
export async function accuracyOnPhantoms(
  model: LoadedModel,
  structures: readonly Structure[],
  seeds: readonly number[],
  say: (line: string) => void,
): Promise<Accuracy> {
  const scores = new Map(
    SCANS.map(({ sequence }) => [sequence, structures.map((): number[] => [])]),
  );
  for (const seed of seeds) {
    const phantom = makePhantom(seed, PHANTOM_SPACING);
    for (const { sequence, kind, image } of SCANS) {
      const scan = takeScan(phantom, { kind });
      const labels = await segment(volumeOf(scan, image), model, {
        folds: 'all',
        device: 'cpu',
        threads: availableParallelism(),
        spacingMode: 'true',
      });
      const counts = overlap(scan.labels, labels.voxels);
      structures.forEach((structure, index) => {
        const dice = diceOf(counts, structure.index);
        if (dice !== null) scores.get(sequence)?.[index]?.push(dice);
      });
    }
    say(`phantom ${seed} judged`);
  }
  return {
    seeds,
    sequences: SCANS.map(({ sequence }) => {
      const named = structures.map((structure, index) => ({
        name: structure.name,
        dice: mean(scores.get(sequence)?.[index] ?? []),
      }));
      return {
        sequence,
        mean: mean(named.flatMap((one) => (one.dice === null ? [] : [one.dice]))) ?? 0,
        structures: named,
      };
    }),
  };
}

function volumeOf(scan: Scan, image: ImageName): Volume {
  const pixels = scan.images[image];
  if (pixels === undefined) throw new Error(`The scan has no image "${image}".`);
  return {
    voxels: Float32Array.from(pixels),
    shape: scan.shape,
    affine: scan.affine,
    spacing: scan.spacing,
    padding: null,
    unit: image === 'ct' ? 'HU' : 'arbitrary',
    slices: [],
    source: null,
    warnings: [],
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}
