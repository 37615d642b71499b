import { statSync } from 'node:fs';
import { refuse } from '../../contracts/index.ts';
import { labelShape, ringShape, type VolumeGeometry } from '../fused/geometry.ts';
import type { NetworkFile, NetworkNode } from '../fused/network-file.ts';
import { product } from '../product.ts';
import type { Runtime } from './session.ts';

/**
 * Full-size activations at the peak of a network, as measured on the CPU provider (memory.ts); a card's libraries add
 * workspaces of their own. Not measured on a card yet.
 */
const LIVE_ACTIVATIONS = 9;
/** Driver context and libraries. */
const BASE_BYTES = 600 * 2 ** 20;

/** Bytes on the card for networks that get patches from the host, one at a time. */
export function patchBytes(
  { path, nodes, tensors }: NetworkFile,
  patch: readonly number[],
): number {
  const channels = (node: NetworkNode | undefined): number =>
    tensors.get(node?.inputs[1] ?? '')?.shape[0] ?? 0;
  const convolutions = nodes.filter(({ operator }) => operator === 'Conv');
  const [features, heads] = [channels(convolutions[0]), channels(convolutions.at(-1))];
  const activations = 4 * product(patch) * (LIVE_ACTIVATIONS * features + 2 * heads);
  return BASE_BYTES + statSync(path).size + activations;
}

/**
 * Bytes on the card for the whole volume: what a patch needs, all folds' weights and rings, two more rings while one is made
 * anew, the volume and the labels.
 */
function volumeBytes(networks: readonly NetworkFile[], geometry: VolumeGeometry): number {
  const { tiling } = geometry;
  const ring = 2 * product(ringShape(geometry));
  const [first, ...others] = networks;
  if (first === undefined) return BASE_BYTES;
  const weights = others.reduce((sum, { path }) => sum + statSync(path).size, 0);
  const rings = ring * (networks.length + 2);
  const volume = 4 * product(tiling.padded) + 2 * product(labelShape(geometry));
  return patchBytes(first, tiling.patch) + weights + rings + volume;
}

/** Whether the whole volume may be on the card. Where it may not, patches one by one may: the sums are then the host's. */
export function volumeFits(
  { memoryLimit }: Pick<Runtime, 'memoryLimit'>,
  networks: readonly NetworkFile[],
  geometry: VolumeGeometry,
): boolean {
  return memoryLimit === null || volumeBytes(networks, geometry) <= memoryLimit;
}

/** @throws SitusError `DEVICE_MEMORY_LIMIT` */
export function requireDeviceMemory(needed: number, limit: number | null): void {
  if (limit === null || needed <= limit) return;
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  throw refuse(
    'DEVICE_MEMORY_LIMIT',
    `The network needs about ${gib(needed)} GiB on the graphics card, ${gib(limit)} GiB are allowed.`,
    'Raise segmentation.gpu.memoryLimit, or use a card with more memory or the CPU.',
    { needed, limit },
  );
}
