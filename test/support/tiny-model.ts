import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MANIFEST_FILE,
  newManifest,
  writeManifest,
} from '../../src/segmentation/model/manifest.ts';
import { GraphBuilder } from '../../src/segmentation/onnx/graph.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../../src/segmentation/onnx/unet.ts';

/** One structure of the tiny model: an ellipsoid around the middle of the volume, mm in patient LPS. */
interface Ellipsoid {
  readonly structure: string;
  /** Centre and semi-axes as [superior, posterior, left]. */
  readonly centre: readonly [number, number, number];
  readonly radii: readonly [number, number, number];
}

/** Left and right on their own sides, volumes as adults have them: the gate lets this pass. */
const BODY: readonly Ellipsoid[] = [
  { structure: 'liver', centre: [8, -16, -64], radii: [60, 64, 56] },
  { structure: 'spleen', centre: [8, 32, 88], radii: [40, 36, 28] },
  { structure: 'right_kidney', centre: [-8, 56, -56], radii: [44, 28, 28] },
  { structure: 'left_kidney', centre: [-8, 56, 48], radii: [44, 28, 28] },
  { structure: 'stomach', centre: [8, -48, 40], radii: [44, 40, 36] },
];

const SPACING = 8;
/** The whole field of view is one patch, so that a place in the patch is a place in the body. */
const PATCH = 64;
/** Share of the normalised intensity in every foreground logit: the image has its say at the borders. */
const INTENSITY_WEIGHT = 0.05;

/** Name under which rules of the tests find the model. */
export const TINY_MODEL = 'tiny';
export const TINY_STRUCTURES = BODY.map((one) => one.structure);

/**
 * Writes a model folder `tiny` below `folder` with a network that needs no training and answers in
 * milliseconds: the logit of a structure is how deep a voxel lies inside its ellipsoid, plus a little of
 * the image. Not nnU-Net's architecture, but everything around the network is the real thing.
 */
export async function writeTinyModel(
  folder: string,
  name = TINY_MODEL,
  options: {
    /** Left and right changed over, as a network that mixes them up would: the gate must hold it. */
    readonly mirrored?: boolean;
    /** How much larger than in adults everything is, in each direction; 1 unless told. */
    readonly enlarged?: number;
  } = {},
): Promise<void> {
  const directory = join(folder, name);
  await mkdir(directory, { recursive: true });
  const network = tinyNetwork(options.mirrored === true ? -1 : 1, options.enlarged ?? 1);
  const heads = BODY.length + 1;
  const resampling = { forceSeparateZ: null, anisotropyThreshold: 3 } as const;
  const manifest = newManifest({
    name,
    version: '1',
    labels: BODY.map(({ structure }, index) => ({ value: index + 1, name: structure, structure })),
    sequences: [],
    plan: {
      configuration: '3d_fullres',
      orientation: 'LPS',
      transposeForward: [0, 1, 2],
      transposeBackward: [0, 1, 2],
      spacing: [SPACING, SPACING, SPACING],
      patchSize: [PATCH, PATCH, PATCH],
      normalisation: { scheme: 'zscore', useMask: false },
      resampleImage: { order: 1, ...resampling },
      resampleLogits: { order: 1, ...resampling },
      mirrorAxes: [],
      labels: BODY.map(({ structure }, index) => ({ value: index + 1, name: structure })),
      labelRule: { kind: 'argmax' },
      architecture: {
        dimensions: 3,
        kind: 'PlainConvUNet',
        inputChannels: 1,
        heads,
        features: [1],
        kernels: [[1, 1, 1]],
        strides: [[1, 1, 1]],
        encoderBlocks: [1],
        decoderConvs: [1],
        convBias: true,
        normEpsilon: 1e-5,
        leakySlope: 0.01,
      },
    },
    folds: [
      {
        fold: 0,
        file: 'fold-0.onnx',
        bytes: network.byteLength,
        sha256: createHash('sha256').update(network).digest('hex'),
      },
    ],
    source: { kind: 'nnU-Net v2', trainer: 'none', dataset: null, files: [] },
    licence: 'Apache-2.0',
    intendedUse: 'Tests of Situs only.',
    card: { manufacturer: 'Situs tests' },
  });
  await writeFile(join(directory, 'fold-0.onnx'), network);
  await writeFile(join(directory, MANIFEST_FILE), writeManifest(manifest));
}

/** logits = image · weight[head] + sum of one parabola an axis: constant tensors of a few kilobytes. */
function tinyNetwork(side: 1 | -1, scale: number): Uint8Array<ArrayBuffer> {
  const heads = BODY.length + 1;
  const graph = new GraphBuilder();
  const weight = Float32Array.from({ length: heads }, (_, head) =>
    head === 0 ? 0 : INTENSITY_WEIGHT,
  );
  const weights = graph.weights('weight', { shape: [1, heads, 1, 1, 1], values: weight });
  let value = graph.node('Mul', [NETWORK_INPUT, weights]);
  for (const axis of [0, 1, 2] as const) {
    const shape = [1, heads, 1, 1, 1];
    shape[2 + axis] = PATCH;
    const values = new Float32Array(heads * PATCH);
    BODY.forEach(({ centre, radii }, index) => {
      for (let at = 0; at < PATCH; at += 1) {
        const middle = (axis === 2 ? side : 1) * centre[axis];
        const distance = ((at - (PATCH - 1) / 2) * SPACING - middle) / (scale * radii[axis]);
        values[(index + 1) * PATCH + at] = 1 / 3 - distance ** 2;
      }
    });
    value = graph.node('Add', [value, graph.weights(`axis${axis}`, { shape, values })]);
  }
  graph.namedNode('Identity', [value], NETWORK_OUTPUT);
  const patch = [PATCH, PATCH, PATCH];
  return graph.finish(
    'tiny',
    { name: NETWORK_INPUT, shape: [1, 1, ...patch] },
    { name: NETWORK_OUTPUT, shape: [1, heads, ...patch] },
  );
}
