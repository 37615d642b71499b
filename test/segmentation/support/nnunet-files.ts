import type { ZipPart } from './zip-writer.ts';
import { writeZip } from './zip-writer.ts';
import { Raw, TensorValue, Tuple, writePickle } from './pickle-writer.ts';

/** Numbers that look random but are the same in every run. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const FEATURES = [4, 6] as const;
export const PATCH = [8, 8, 8] as const;

/** Names and shapes of the weights of a two-stage PlainConvUNet with one conv a stage (nnunet-inference §5.3). */
export function plainShapes(heads: number): Map<string, number[]> {
  const [f0, f1] = FEATURES;
  const shapes = new Map<string, number[]>();
  const block = (prefix: string, from: number, to: number): void => {
    shapes.set(`${prefix}conv.weight`, [to, from, 3, 3, 3]);
    for (const name of ['conv.bias', 'norm.weight', 'norm.bias']) shapes.set(prefix + name, [to]);
  };
  block('encoder.stages.0.0.convs.0.', 1, f0);
  block('encoder.stages.1.0.convs.0.', f0, f1);
  block('decoder.stages.0.convs.0.', 2 * f0, f0);
  shapes.set('decoder.transpconvs.0.weight', [f1, f0, 2, 2, 2]);
  shapes.set('decoder.transpconvs.0.bias', [f0]);
  shapes.set('decoder.seg_layers.0.weight', [heads, f0, 1, 1, 1]);
  shapes.set('decoder.seg_layers.0.bias', [heads]);
  return shapes;
}

export interface CheckpointOptions {
  readonly heads?: number;
  /** Names and shapes of the weights; default those of the tiny network. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  readonly seed?: number;
  readonly trainer?: string;
  readonly mirrorAxes?: readonly number[] | null;
  /** Changes the weights' dictionary and the zip's entries before they are written. */
  readonly tamper?: (weights: Map<unknown, unknown>, parts: ZipPart[]) => void;
  readonly extraTop?: readonly (readonly [string, unknown])[];
}

/** A checkpoint as nnU-Net's `save_checkpoint` writes it, aliases and numpy scalars included. */
export function checkpointBytes(options: CheckpointOptions = {}): Uint8Array {
  const random = noise(options.seed ?? 1);
  const weights = new Map<unknown, unknown>();
  const parts: ZipPart[] = [];
  for (const [name, size] of options.shapes ?? plainShapes(options.heads ?? 3)) {
    const key = String(parts.length);
    const length = size.reduce((product, n) => product * n, 1);
    const isScale = name.endsWith('norm.weight');
    const values = Float32Array.from({ length }, () => random() * 0.4 + (isScale ? 1 : 0));
    parts.push({ name: `ckpt/data/${key}`, bytes: new Uint8Array(values.buffer) });
    const stride = size.map((_, axis) =>
      size.slice(axis + 1).reduce((product, n) => product * n, 1),
    );
    const tensor = new TensorValue({ key, type: 'FloatStorage', length, offset: 0, size, stride });
    weights.set(name, tensor);
    for (const alias of aliasesOf(name)) weights.set(alias, tensor);
  }
  options.tamper?.(weights, parts);
  const axes = options.mirrorAxes ?? null;
  const top = new Map<unknown, unknown>([
    ['network_weights', weights],
    ['logging', new Map<unknown, unknown>([['ema', [NUMPY_SCALAR]]])],
    ['current_epoch', 3],
    [
      'init_args',
      new Map<unknown, unknown>([
        ['configuration', '3d_fullres'],
        ['device', new Raw('ctorch\ndevice\nX\x04\0\0\0cuda\x85R')],
      ]),
    ],
    ['trainer_name', options.trainer ?? 'nnUNetTrainerNoMirroring'],
    ['inference_allowed_mirroring_axes', axes === null ? null : new Tuple(...axes)],
    ...(options.extraTop ?? []),
  ]);
  return writeZip([
    { name: 'ckpt/data.pkl', bytes: writePickle(top) },
    { name: 'ckpt/byteorder', bytes: Buffer.from('little') },
    ...parts,
    { name: 'ckpt/version', bytes: Buffer.from('3\n') },
  ]);
}

/** `numpy.core.multiarray.scalar(dtype('f8'), bytes)` as protocol 2 writes it. */
const NUMPY_SCALAR = new Raw(
  'cnumpy.core.multiarray\nscalar\n',
  'cnumpy\ndtype\nX\x02\0\0\0f8\x89\x88\x87R(K\x03X\x01\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb',
  'c_codecs\nencode\nX\x08\0\0\0abcdefghX\x06\0\0\0latin1\x86R',
  '\x86R',
);

function aliasesOf(name: string): string[] {
  const all = name
    .replace(/(convs\.\d+)\.conv\./, '$1.all_modules.0.')
    .replace(/(convs\.\d+)\.norm\./, '$1.all_modules.1.');
  const inner = all === name ? [] : [all];
  return name.startsWith('encoder.')
    ? [...inner, ...[name, ...inner].map((alias) => `decoder.${alias}`)]
    : inner;
}

export interface FolderOptions extends CheckpointOptions {
  readonly folds?: readonly (number | 'all')[];
  readonly spacing?: readonly [number, number, number];
  readonly plans?: Readonly<Record<string, unknown>>;
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly dataset?: Readonly<Record<string, unknown>>;
}

export function plansJson(options: FolderOptions = {}): Record<string, unknown> {
  return {
    dataset_name: 'Dataset001_Test',
    transpose_forward: [0, 1, 2],
    transpose_backward: [0, 1, 2],
    label_manager: 'LabelManager',
    configurations: {
      '3d_fullres': {
        preprocessor_name: 'DefaultPreprocessor',
        patch_size: PATCH,
        spacing: options.spacing ?? [2, 2, 2],
        normalization_schemes: ['ZScoreNormalization'],
        use_mask_for_norm: [false],
        UNet_class_name: 'PlainConvUNet',
        UNet_base_num_features: FEATURES[0],
        unet_max_num_features: FEATURES[1],
        n_conv_per_stage_encoder: [1, 1],
        n_conv_per_stage_decoder: [1],
        pool_op_kernel_sizes: [
          [1, 1, 1],
          [2, 2, 2],
        ],
        conv_kernel_sizes: [
          [3, 3, 3],
          [3, 3, 3],
        ],
        resampling_fn_data: 'resample_data_or_seg_to_shape',
        resampling_fn_probabilities: 'resample_data_or_seg_to_shape',
        resampling_fn_data_kwargs: { is_seg: false, order: 3, order_z: 0, force_separate_z: null },
        resampling_fn_probabilities_kwargs: { order: 1, order_z: 0, force_separate_z: null },
        ...options.configuration,
      },
    },
    ...options.plans,
  };
}

/** The network of `plansJson` as nnU-Net writes it since 2.3. */
export const ARCHITECTURE_BLOCK = {
  network_class_name: 'dynamic_network_architectures.architectures.unet.PlainConvUNet',
  arch_kwargs: {
    n_stages: 2,
    features_per_stage: [4, 6],
    conv_op: 'torch.nn.modules.conv.Conv3d',
    kernel_sizes: [
      [3, 3, 3],
      [3, 3, 3],
    ],
    strides: [
      [1, 1, 1],
      [2, 2, 2],
    ],
    n_conv_per_stage: [1, 1],
    n_conv_per_stage_decoder: [1],
    conv_bias: true,
    norm_op: 'torch.nn.modules.instancenorm.InstanceNorm3d',
    norm_op_kwargs: { eps: 1e-5, affine: true },
    dropout_op: null,
    dropout_op_kwargs: null,
    nonlin: 'torch.nn.LeakyReLU',
    nonlin_kwargs: { inplace: true },
  },
  _kw_requires_import: ['conv_op', 'norm_op', 'dropout_op', 'nonlin'],
};

export function datasetJson(options: FolderOptions = {}): Record<string, unknown> {
  const heads = options.heads ?? 3;
  const labels = Object.fromEntries(
    Array.from({ length: heads }, (_, i) => [i === 0 ? 'background' : `structure_${i}`, i]),
  );
  return { channel_names: { '0': 'MR' }, labels, ...options.dataset };
}

/** The files of an nnU-Net model folder with a tiny network: name → bytes. */
export function nnunetFiles(options: FolderOptions = {}): Map<string, Uint8Array> {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const files = new Map<string, Uint8Array>([
    ['plans.json', encode(plansJson(options))],
    ['dataset.json', encode(datasetJson(options))],
  ]);
  for (const [index, fold] of (options.folds ?? [0]).entries()) {
    const bytes = checkpointBytes({ ...options, seed: (options.seed ?? 1) + index });
    files.set(`fold_${fold}/checkpoint_final.pth`, bytes);
  }
  return files;
}
