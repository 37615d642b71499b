/** A small, seeded generator of whole numbers below a bound: the same inputs in every run. */
export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A way to damage the files of a series. */
export type Damage = (files: readonly Uint8Array[], random: Random) => Uint8Array[];

const VRS = 'AE AS AT CS DA DS DT FD FL IS LO LT OB OW PN SH SQ SS ST TM UI UL UN US UT ZZ'.split(
  ' ',
);
const LENGTHS = [0, 1, 3, 0x7f, 0xff, 0xfffe, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff];
/** Attributes whose values decide sizes: Number of Frames, Rows, Columns, Bits, Samples. */
const SIZES: readonly (readonly [number, number, number])[] = [
  [0x0028, 0x0002, 2],
  [0x0028, 0x0010, 2],
  [0x0028, 0x0011, 2],
  [0x0028, 0x0100, 2],
  [0x0028, 0x0101, 2],
  [0x0028, 0x0102, 2],
  [0x0028, 0x0103, 2],
];
const SYNTAXES = [
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.5',
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.4.50',
  '1.2.840.10008.1.2.4.70',
  '1.2.840.10008.1.2.4.80',
  '1.2.840.10008.1.2.4.90',
  '1.2.840.10008.1.2.4.201',
  '1.2.840.10008.1.2.4.110',
];

/** Applies a change to one file of the series, chosen at random. */
function inOne(change: (bytes: Uint8Array, random: Random) => Uint8Array): Damage {
  return (files, random) => {
    const chosen = random(files.length);
    return files.map((file, index) => (index === chosen ? change(file.slice(), random) : file));
  };
}

/** Where explicit VR elements seem to begin: two letters that are a VR, four bytes after a tag. */
function elementStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 132; at + 8 < bytes.length; at += 2) {
    const vr = String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0);
    if (VRS.includes(vr)) starts.push(at);
  }
  return starts;
}

/** Where an element with this tag begins; -1 when there is none. */
function startOf(bytes: Uint8Array, group: number, element: number): number {
  const tag = [group & 0xff, group >> 8, element & 0xff, element >> 8];
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(Buffer.from(tag), 132);
}

/** Kinds of damage by name (issue: bit flips, cuts, lengths, VRs, dimensions, mixtures, encapsulation). */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'flipped bits': inOne((bytes, random) => {
    for (let count = 1 + random(8); count > 0; count -= 1) {
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    }
    return bytes;
  }),
  'a flipped bit in the header': inOne((bytes, random) => {
    const at = 128 + random(Math.min(1500, bytes.length - 128));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  }),
  'a cut file': inOne((bytes, random) => bytes.slice(0, random(bytes.length))),
  'a piece taken out or doubled': inOne((bytes, random) => {
    const from = random(bytes.length);
    const to = Math.min(bytes.length, from + 1 + random(64));
    const tail = random(2) === 0 ? bytes.subarray(to) : bytes.subarray(from);
    return Uint8Array.from([...bytes.subarray(0, to), ...tail]);
  }),
  'a wrong length': inOne((bytes, random) => {
    const starts = elementStarts(bytes);
    const at = starts[random(Math.max(1, starts.length))];
    if (at === undefined) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = LENGTHS[random(LENGTHS.length)] ?? 0;
    if (random(2) === 0 || at + 12 > bytes.length) view.setUint16(at + 6, length & 0xffff, true);
    else view.setUint32(at + 8, length, true);
    return bytes;
  }),
  'a wrong VR': inOne((bytes, random) => {
    const starts = elementStarts(bytes);
    const at = starts[random(Math.max(1, starts.length))];
    if (at === undefined) return bytes;
    bytes.set(Buffer.from(VRS[random(VRS.length)] ?? 'ZZ', 'latin1'), at + 4);
    return bytes;
  }),
  'absurd dimensions': inOne((bytes, random) => {
    const [group, element] = SIZES[random(SIZES.length)] ?? [0x0028, 0x0010, 2];
    const at = startOf(bytes, group, element);
    if (at < 0 || at + 12 > bytes.length) return bytes;
    if (element === 0x0002)
      bytes.set(Buffer.from(['99', '0 ', '-1', '1e'][random(4)] ?? '', 'latin1'), at + 8);
    else
      new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setUint16(
        at + 8,
        [0, 1, 7, 255, 4096, 32768, 65535][random(7)] ?? 0,
        true,
      );
    return bytes;
  }),
  'another transfer syntax': inOne((bytes, random) => {
    const at = startOf(bytes, 0x0002, 0x0010);
    if (at < 0) return bytes;
    const length = bytes[at + 6] ?? 0;
    const syntax = SYNTAXES[random(SYNTAXES.length)] ?? '';
    bytes.set(Buffer.from(syntax.padEnd(length, '\0').slice(0, length), 'latin1'), at + 8);
    return bytes;
  }),
  'a broken encapsulation': inOne((bytes, random) => {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const marks = [0xe000, 0xe00d, 0xe0dd].flatMap((element) => {
      const at = file.lastIndexOf(Buffer.from([0xfe, 0xff, element & 0xff, element >> 8]));
      return at < 0 ? [] : [at];
    });
    const at = marks[random(Math.max(1, marks.length))];
    if (at === undefined || at + 8 > bytes.length)
      return bytes.slice(0, bytes.length - 1 - random(9));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (random(2) === 0) view.setUint32(at + 4, LENGTHS[random(LENGTHS.length)] ?? 0, true);
    else view.setUint16(at + 2, [0xe000, 0xe00d, 0xe0dd, 0x1234][random(4)] ?? 0, true);
    return bytes;
  }),
  'noise in the pixels': inOne((bytes, random) => {
    const at = startOf(bytes, 0x7fe0, 0x0010);
    if (at < 0) return bytes;
    for (let count = 1 + random(16); count > 0; count -= 1) {
      bytes[at + 12 + random(Math.max(1, bytes.length - at - 12))] = random(256);
    }
    return bytes;
  }),
  'instances missing, doubled or out of order': (files, random) => {
    const mixed = [...files];
    const at = random(mixed.length);
    if (random(2) === 0) mixed.splice(at, 1);
    else mixed.push(mixed[at] ?? new Uint8Array(0));
    return mixed.sort(() => random(3) - 1);
  },
};
