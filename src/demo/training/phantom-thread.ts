/** Thread that makes phantoms and scans them while the network is busy with the one before. */
import { parentPort } from 'node:worker_threads';
import type { Volume } from '../../contracts/index.ts';
import { makePhantom, type Phantom } from '../phantom/phantom.ts';
import { takeScan, type ImageName, type Scan } from '../phantom/scan.ts';
import { SCAN_TYPES, type ScannedPhantom } from './scanned-phantom.ts';

/** Voxel size, mm. */
const PHANTOM_SPACING = 2;

parentPort?.on('message', (seed: number) => {
  const phantom = makePhantom(seed, PHANTOM_SPACING);
  const scanned: ScannedPhantom = {
    seed,
    wholeMl: wholeVolumes(phantom),
    scans: SCAN_TYPES.map(({ sequence, kind, image }) => {
      const scan = takeScan(phantom, { kind });
      return { sequence, volume: volumeOf(scan, image), truth: scan.labels };
    }),
  };
  parentPort?.postMessage(scanned);
});

function wholeVolumes({ labels, spacing }: Phantom): number[] {
  const counts = new Float64Array(256);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return [...counts].map((count) => (count * spacing ** 3) / 1000);
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
