import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxRuntimeEngine } from '../../../src/segmentation/engine/onnx-runtime.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import type { NpyValues } from '../../support/npy.ts';
import { readNpy } from '../../support/npy.ts';
import { temporaryFolder } from './nnunet-folder.ts';

export const GOLDEN_NETWORKS = join('test', 'segmentation', 'goldens', 'networks');

/** Header of what `make.py` wrote about one network or block. */
export interface GoldenHeader {
  readonly seed: number;
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** The stored sample is every `every`th number of the answer. */
  readonly every: number;
  /** Largest magnitude of the whole answer. */
  readonly largest: number;
  /** Shape of the whole answer. */
  readonly shape: readonly number[];
}

export function goldenNames(kind: 'blocks' | 'nets'): string[] {
  return readdirSync(join(GOLDEN_NETWORKS, kind))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));
}

export function openGoldenNetwork<Header extends GoldenHeader>(
  kind: 'blocks' | 'nets',
  name: string,
): { readonly header: Header; readonly sample: NpyValues } {
  const path = join(GOLDEN_NETWORKS, kind, name);
  const header = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Header;
  return { header, sample: readNpy(`${path}.npy`).values };
}

/** Runs an ONNX model's bytes once on the CPU. */
export async function runOnce(
  model: Uint8Array,
  channels: number,
  patch: Vec3,
  values: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const file = join(temporaryFolder(), 'network.onnx');
  writeFileSync(file, model);
  const network = await onnxRuntimeEngine({ device: 'cpu', threads: 1 }).open(
    file,
    channels,
    patch,
  );
  try {
    return Float32Array.from(await network.run(values));
  } finally {
    await network.close();
  }
}
