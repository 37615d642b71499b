import { refuse } from '../../contracts/index.ts';
import { product } from '../product.ts';
import type { DType, TensorRef } from './pickle-values.ts';

/** A dense array of binary32 values, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** Bytes of one element; only floating types can be weights. */
const FLOAT_BYTES: Partial<Record<DType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
};

/**
 * The tensor's values as binary32 (Double is rounded, Half and BFloat16 widen exactly).
 * @param storage the raw little-endian bytes of the tensor's storage
 * @throws SitusError `CHECKPOINT_TENSOR` when type or size do not fit.
 */
export function toTensor(name: string, ref: TensorRef, storage: Uint8Array<ArrayBuffer>): Tensor {
  const bytes = FLOAT_BYTES[ref.storage.dtype];
  if (bytes === undefined) throw bad(name, `its numbers are of type ${ref.storage.dtype}`);
  if (storage.byteLength !== ref.storage.length * bytes) {
    throw bad(
      name,
      `its storage has ${storage.byteLength} bytes for ${ref.storage.length} numbers`,
    );
  }
  const all = widen(ref.storage.dtype, storage);
  const count = product(ref.size);
  if (count > 2 ** 29) throw bad(name, `it has ${count} numbers`);
  const values = isDense(ref) ? all.slice(ref.offset, ref.offset + count) : gather(ref, all, count);
  for (const value of values) {
    if (!Number.isFinite(value)) throw bad(name, 'it holds a value that is not finite');
  }
  return { shape: ref.size, values };
}

function widen(dtype: DType, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (dtype === 'float16') return new Float32Array(new Float16Array(buffer));
  if (dtype === 'float64') return new Float32Array(new Float64Array(buffer));
  if (dtype === 'float32') return new Float32Array(buffer);
  const halves = new Uint16Array(buffer);
  return new Float32Array(Uint32Array.from(halves, (half) => half * 65_536).buffer);
}

function isDense(ref: TensorRef): boolean {
  let expected = 1;
  for (let axis = ref.size.length - 1; axis >= 0; axis -= 1) {
    const n = ref.size[axis] ?? 1;
    if (n !== 1 && ref.stride[axis] !== expected) return false;
    expected *= n;
  }
  return true;
}

function gather(
  ref: TensorRef,
  all: Float32Array<ArrayBuffer>,
  count: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const index = ref.size.map(() => 0);
  let source = ref.offset;
  for (let target = 0; target < count; target += 1) {
    values[target] = all[source] ?? Number.NaN;
    for (let axis = index.length - 1; axis >= 0; axis -= 1) {
      const stride = ref.stride[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      source += stride;
      if (next < (ref.size[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      source -= stride * next;
      index[axis] = 0;
    }
  }
  return values;
}

function bad(name: string, what: string): Error {
  return refuse(
    'CHECKPOINT_TENSOR',
    `The weights "${name}" can't be used: ${what}.`,
    'Get the checkpoint again, or have it saved by nnU-Net itself.',
    { tensor: name },
  );
}
