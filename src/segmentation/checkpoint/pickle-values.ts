import { refuse } from '../../contracts/index.ts';
import { product } from '../product.ts';

export type DType =
  'float32' | 'float16' | 'bfloat16' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool';

/** The raw numbers that one or more tensors look at: entry `data/<key>` of the checkpoint. */
export interface StorageRef {
  readonly key: string;
  readonly dtype: DType;
  /** Number of elements. */
  readonly length: number;
}

/** A view of a storage, as `_rebuild_tensor_v2` describes it; offset and strides in elements. */
export class TensorRef {
  readonly storage: StorageRef;
  readonly offset: number;
  readonly size: readonly number[];
  readonly stride: readonly number[];

  constructor(
    storage: StorageRef,
    offset: number,
    size: readonly number[],
    stride: readonly number[],
  ) {
    this.storage = storage;
    this.offset = offset;
    this.size = size;
    this.stride = stride;
  }
}

/** A value that is allowed in a checkpoint but that inference never needs (numpy scalars, devices). */
export class Opaque {
  readonly kind: string;
  constructor(kind: string) {
    this.kind = kind;
  }
}

/** A name that GLOBAL put on the stack; only REDUCE and BINPERSID give it a meaning. */
export class GlobalRef {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const STORAGES: Readonly<Record<string, DType>> = {
  'torch.FloatStorage': 'float32',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16',
  'torch.DoubleStorage': 'float64',
  'torch.LongStorage': 'int64',
  'torch.IntStorage': 'int32',
  'torch.ByteStorage': 'uint8',
  'torch.BoolStorage': 'bool',
};

type Constructor = (args: readonly unknown[]) => unknown;

/** What REDUCE may call (nnunet-inference §5.2). Nothing here runs code of the file. */
const CONSTRUCTORS: Readonly<Record<string, Constructor>> = {
  'collections.OrderedDict': (args) => {
    if (args.length !== 0) throw malformed('an OrderedDict with arguments');
    return new Map<unknown, unknown>();
  },
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch.device': () => new Opaque('device'),
  '_codecs.encode': () => new Opaque('bytes'),
  'numpy.dtype': () => new Opaque('dtype'),
  'numpy.core.multiarray.scalar': () => new Opaque('scalar'),
  'numpy._core.multiarray.scalar': () => new Opaque('scalar'),
};

/** @throws SitusError `CHECKPOINT_UNSAFE_GLOBAL` for every name that is not on the list. */
export function allowGlobal(module: string, name: string): GlobalRef {
  const full = `${module}.${name}`;
  if (!Object.hasOwn(CONSTRUCTORS, full) && !Object.hasOwn(STORAGES, full)) {
    throw refuse(
      'CHECKPOINT_UNSAFE_GLOBAL',
      `The checkpoint refers to "${printable(full)}", which a trained nnU-Net network does not need and which could run code.`,
      'Do not use this file; get the checkpoint from its authors again, or have it saved by nnU-Net itself.',
      { global: printable(full) },
    );
  }
  return new GlobalRef(full);
}

export function reduce(target: unknown, args: unknown): unknown {
  if (!(target instanceof GlobalRef) || !Array.isArray(args)) {
    throw malformed('a call of something that is no function');
  }
  const constructor = Object.hasOwn(CONSTRUCTORS, target.name)
    ? CONSTRUCTORS[target.name]
    : undefined;
  if (constructor === undefined) throw malformed(`a call of ${target.name}`);
  return constructor(args);
}

/** BUILD only ever sets attributes that inference does not need: `_metadata`, a dtype's byte order. */
export function build(target: unknown): void {
  if (!(target instanceof Map) && !(target instanceof Opaque)) {
    throw malformed('attributes on a value that has none');
  }
}

/** Persistent ids are `('storage', type, key, location, numel)`. */
export function persistentStorage(id: unknown): StorageRef {
  const [tag, type, key, , length] = Array.isArray(id) ? (id as unknown[]) : [];
  const dtype = type instanceof GlobalRef ? STORAGES[type.name] : undefined;
  if (tag !== 'storage' || dtype === undefined || typeof key !== 'string' || !/^\w+$/.test(key)) {
    throw malformed('a storage that is not described as torch does');
  }
  return { key, dtype, length: count(length, 'the length of a storage') };
}

function rebuildTensor(args: readonly unknown[]): TensorRef {
  const [storage, offset, size, stride] = args;
  if (!isStorage(storage) || !Array.isArray(size) || !Array.isArray(stride)) {
    throw malformed('a tensor that is not described as torch does');
  }
  const sizes = size.map((value) => count(value, 'a tensor size'));
  const strides = stride.map((value) => count(value, 'a tensor stride'));
  if (sizes.length !== strides.length || sizes.length > 8) throw malformed('a tensor shape');
  const start = count(offset, 'a tensor offset');
  const last = sizes.reduce(
    (sum, n, axis) => sum + Math.max(0, n - 1) * (strides[axis] ?? 0),
    start,
  );
  if (sizes.every((n) => n > 0) && last >= storage.length) {
    throw malformed('a tensor that reaches beyond its storage');
  }
  // Such a tensor of a few bytes could stand for gigabytes; weights are never stored so.
  if (product(sizes) > storage.length) {
    throw malformed('a tensor that repeats the numbers of its storage');
  }
  return new TensorRef(storage, start, sizes, strides);
}

function isStorage(value: unknown): value is StorageRef {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'key' in value;
}

function count(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > 2 ** 40) {
    throw malformed(what);
  }
  return value;
}

export function malformed(what: string): Error {
  return refuse(
    'CHECKPOINT_MALFORMED',
    `The checkpoint's data.pkl is not as torch writes it: ${what}.`,
    'Get the checkpoint again, or have it saved by nnU-Net itself.',
  );
}

function printable(text: string): string {
  return text.slice(0, 120).replaceAll(/[^\x20-\x7e]/g, '?');
}
