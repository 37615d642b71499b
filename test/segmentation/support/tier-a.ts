import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

const FOLDER = join('test', 'segmentation', 'goldens', 'tier_a', 'data');

const TYPES = {
  u8: (bytes: ArrayBuffer) => new Uint8Array(bytes),
  i8: (bytes: ArrayBuffer) => new Int8Array(bytes),
  u16: (bytes: ArrayBuffer) => new Uint16Array(bytes),
  i16: (bytes: ArrayBuffer) => new Int16Array(bytes),
  u32: (bytes: ArrayBuffer) => new Uint32Array(bytes),
  i32: (bytes: ArrayBuffer) => new Int32Array(bytes),
  f16: (bytes: ArrayBuffer) => new Float16Array(bytes),
  f32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  f64: (bytes: ArrayBuffer) => new Float64Array(bytes),
} as const;
type TypeName = keyof typeof TYPES;
type Values<Name extends TypeName> = ReturnType<(typeof TYPES)[Name]>;

interface Header<Facts> {
  readonly title: string;
  readonly facts: Facts;
  readonly arrays: Readonly<
    Record<
      string,
      {
        readonly type: TypeName;
        readonly shape: readonly number[];
        readonly offset: number;
        readonly bytes: number;
        readonly deflated: boolean;
      }
    >
  >;
}

/** One case of nnunet-inference §6, tier A, as `goldens/tier_a/make.py` wrote it. */
export interface TierACase<Facts> {
  /** For `describe`: number and title. */
  readonly name: string;
  readonly facts: Facts;
  array<Name extends TypeName>(name: string, type: Name): Values<Name>;
  shape(name: string): readonly number[];
}

export function openTierA<Facts>(number: string): TierACase<Facts> {
  const header = JSON.parse(readFileSync(join(FOLDER, `${number}.json`), 'utf8')) as Header<Facts>;
  const file = readFileSync(join(FOLDER, `${number}.bin`));
  const entry = (name: string): Header<Facts>['arrays'][string] => {
    const found = header.arrays[name];
    if (found === undefined) throw new Error(`${number} holds no array ${name}.`);
    return found;
  };
  return {
    name: `${number} ${header.title}`,
    facts: header.facts,
    shape: (name) => entry(name).shape,
    array: <Name extends TypeName>(name: string, type: Name): Values<Name> => {
      const { offset, bytes, deflated, type: stored } = entry(name);
      if (stored !== type) throw new Error(`${number} holds ${name} as ${stored}.`);
      const part = file.subarray(offset, offset + bytes);
      const raw = deflated ? inflateSync(part) : part;
      return TYPES[type](new Uint8Array(raw).buffer) as Values<Name>;
    },
  };
}

/** How many elements differ in their bits. */
export function differentBits(a: ArrayBufferView, b: ArrayBufferView, bytesEach: number): number {
  if (a.byteLength !== b.byteLength) return Number.POSITIVE_INFINITY;
  const [left, right] = [a, b].map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength));
  if (left === undefined || right === undefined) return Number.POSITIVE_INFINITY;
  if (left.equals(right)) return 0;
  let different = 0;
  for (let at = 0; at < left.length; at += bytesEach) {
    if (left.compare(right, at, at + bytesEach, at, at + bytesEach) !== 0) different += 1;
  }
  return different;
}

/** Distance in binary32 steps between two finite numbers. */
export function ulps32(a: number, b: number): number {
  const [x = 0, y = 0] = new Int32Array(Float32Array.of(a, b).buffer);
  const ordered = (bits: number): number => (bits < 0 ? -(2 ** 31) - bits : bits);
  return Math.abs(ordered(x) - ordered(y));
}
