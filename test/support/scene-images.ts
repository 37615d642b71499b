import type { Findings, Labels, Volume } from '../../src/contracts/index.ts';
import { makePhantom, takeScan, type Scan } from '../../src/demo/index.ts';
import { measure } from '../../src/findings/index.ts';
import { previewPng } from '../../src/imaging/index.ts';
import { labels } from '../records/fixtures.ts';
import { STRUCTURES, STRUCTURE_NAMES } from './structures.ts';

/** What measuring and drawing a scan gives. */
export interface Imaged {
  readonly findings: Findings;
  readonly picture: Uint8Array;
}

/** A scan of boxes or of a phantom, measured and drawn with its true labels. */
export function imaged(kind: 'ct' | 't1_dual_echo', body: 'boxes' | 'phantom'): Imaged {
  const scan = body === 'boxes' ? boxes() : takeScan(makePhantom(7, 3), { kind, pixel: 2 });
  const volume: Volume = {
    voxels: Float32Array.from(scan.images.ct ?? scan.images.in_phase ?? []),
    shape: scan.shape,
    affine: scan.affine,
    spacing: scan.spacing,
    padding: null,
    unit: kind === 'ct' ? 'HU' : 'arbitrary',
    slices: [],
    source: null,
    warnings: [],
  };
  const truth: Labels = {
    voxels: scan.labels,
    shape: scan.shape,
    structures: STRUCTURE_NAMES,
    run: labels().run,
  };
  const colours = new Map(STRUCTURES.map(({ index, rgb }) => [index, rgb] as const));
  return {
    findings: measure(volume, truth, STRUCTURES),
    picture: previewPng(volume, truth, colours),
  };
}

/** A column of voxels for every structure, in eight columns across and five rows deep. */
function boxes(): Pick<Scan, 'shape' | 'spacing' | 'affine' | 'images' | 'labels'> {
  const shape = [16, 40, 64] as const;
  const ct = new Int16Array(shape[0] * shape[1] * shape[2]);
  const truth = new Uint8Array(ct.length);
  for (let index = 0; index < ct.length; index += 1) {
    const row = Math.floor(index / shape[2]) % shape[1];
    const label = 8 * Math.floor(row / 8) + Math.floor((index % shape[2]) / 8) + 1;
    truth[index] = label;
    ct[index] = 4 * label + (index % 7);
  }
  return {
    shape,
    spacing: [6, 5, 5],
    affine: [5, 0, 0, -160, 0, 5, 0, -100, 0, 0, 6, -48, 0, 0, 0, 1],
    images: { ct },
    labels: truth,
  };
}
