import { writeZip } from '../zip-writer.ts';
import type { Mutation, Random } from './mutation.ts';
import { isPickle, partsOf, pick, pickleOf, randomOf, replacePart } from './mutation.ts';

const damaged = (name: string, bytes: Uint8Array, mayForge = false): Mutation => ({
  name,
  input: 'checkpoint',
  bytes,
  mayForge,
});

/** One to three bits anywhere, or inside [from, to). */
export function flipBits(file: Uint8Array, random: Random, from = 0, to = file.length): Uint8Array {
  const copy = Uint8Array.from(file);
  for (let count = 1 + random(3); count > 0; count -= 1) {
    const at = from + random(to - from);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  }
  return copy;
}

export function bitFlip(file: Uint8Array, seed: number): Mutation {
  return damaged(`bit flip ${seed}`, flipBits(file, randomOf(seed)));
}

/** A flip in the zip's own structure: local headers, the directory or its end. */
export function structureFlip(file: Uint8Array, seed: number): Mutation {
  const random = randomOf(seed);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const starts: [number, number][] = [];
  for (let at = 0; at + 4 <= file.length; at += 1) {
    const signature = view.getUint32(at, true);
    if (signature === 0x04034b50) starts.push([at, 30 + view.getUint16(at + 26, true)]);
    if (signature === 0x02014b50) starts.push([at, 46 + view.getUint16(at + 28, true)]);
    if (signature === 0x06054b50) starts.push([at, 22]);
    if (signature === 0x06064b50) starts.push([at, 56]);
    if (signature === 0x07064b50) starts.push([at, 20]);
  }
  const ends = starts.slice(-3);
  const [start, length] = pick(random, random(4) === 0 ? ends : starts);
  return damaged(
    `structure flip ${seed}`,
    flipBits(file, random, start, Math.min(start + length, file.length)),
  );
}

/** Cut off, cut out, doubled, shifted, zeroed or with something behind it. */
export function cut(file: Uint8Array, seed: number): Mutation {
  const random = randomOf(seed);
  const a = random(file.length);
  const b = a + random(file.length - a);
  const part = (from: number, to?: number): Buffer => Buffer.from(file.subarray(from, to));
  const zeros = Buffer.alloc(1 + random(3000));
  const kinds: [string, () => Buffer][] = [
    ['cut off', () => part(0, a)],
    ['cut off near its end', () => part(0, file.length - 1 - random(100))],
    ['start missing', () => part(a)],
    ['middle missing', () => Buffer.concat([part(0, a), part(b)])],
    ['middle doubled', () => Buffer.concat([part(0, b), part(a)])],
    ['middle zeroed', () => Buffer.concat([part(0, a), Buffer.alloc(b - a), part(b)])],
    ['zeros inserted', () => Buffer.concat([part(0, a), zeros, part(a)])],
    ['zeros in front', () => Buffer.concat([zeros, part(0)])],
    ['zeros behind', () => Buffer.concat([part(0), zeros])],
    ['the file twice', () => Buffer.concat([part(0), part(0)])],
  ];
  const [name, make] = kinds[seed % kinds.length] ?? ['', () => part(0)];
  return damaged(`${name} ${seed}`, new Uint8Array(make()));
}

/** Pickles and storages exchanged within the file or with another, all checksums right. */
export function swap(file: Uint8Array, others: readonly Uint8Array[], seed: number): Mutation {
  const random = randomOf(seed);
  const parts = partsOf(file);
  const other = pick(random, others);
  const stranger = partsOf(other);
  const [first, second] = [pick(random, parts), pick(random, parts)];
  const isIn =
    (name: string): ((candidate: string) => boolean) =>
    (candidate) =>
      candidate === name;
  switch (seed % 6) {
    case 0: {
      const swapped = replacePart(parts, isPickle, (p) => ({ ...p, bytes: pickleOf(other) }));
      return damaged(`pickle of another file ${seed}`, writeZip(swapped), true);
    }
    case 1: {
      const swapped = parts.map((p) =>
        p === first
          ? { ...p, bytes: second.bytes }
          : p === second
            ? { ...p, bytes: first.bytes }
            : p,
      );
      return damaged(`two entries exchanged ${seed}`, writeZip(swapped), true);
    }
    case 2: {
      const bytes = pick(random, stranger).bytes;
      const swapped = replacePart(parts, isIn(first.name), (p) => ({ ...p, bytes }));
      return damaged(`entry of another file ${seed}`, writeZip(swapped), true);
    }
    case 3:
      return damaged(`entry missing ${seed}`, writeZip(parts.filter((p) => p !== first)), true);
    case 4: {
      const [mine, theirs] = [pickleOf(file), pickleOf(other)];
      const at = random(Math.min(mine.length, theirs.length));
      const spliced = new Uint8Array(Buffer.concat([mine.subarray(0, at), theirs.subarray(at)]));
      const swapped = replacePart(parts, isPickle, (p) => ({ ...p, bytes: spliced }));
      return damaged(`pickles spliced ${seed}`, writeZip(swapped), true);
    }
    default: {
      const at = random(Math.min(file.length, other.length));
      const spliced = Buffer.concat([file.subarray(0, at), other.subarray(at)]);
      return damaged(`files spliced ${seed}`, new Uint8Array(spliced));
    }
  }
}
