import { constants, deflateRawSync } from 'node:zlib';
import type { ZipPart } from '../zip-writer.ts';
import { writeZip } from '../zip-writer.ts';
import type { Mutation, Random } from './mutation.ts';
import { partsOf, pick, randomOf, replacePart } from './mutation.ts';

/** Names that leave the folder, name no file of it, or mean another file to another reader. */
const BAD_NAMES = [
  '../evil',
  'a/../../evil',
  'a/..',
  '..',
  '/etc/passwd',
  '//server/share',
  'a\\..\\..\\evil',
  '\\evil',
  'C:/evil',
  'c:evil',
  'a\0.json',
  'fold_0/../plans.json',
  '../model/plans.json',
];
/** Odd but harmless: nothing is ever unpacked to such a place. */
const ODD_NAMES = [
  'a//b',
  './a',
  'a/./b',
  'ü/é',
  '\u202egnp.exe',
  'con',
  'a'.repeat(60_000),
  Array(2000).fill('d').join('/'),
  ' ',
  '%2e%2e/evil',
  '.../evil',
];

type ZipAttack = readonly [string, (parts: ZipPart[], random: Random) => Uint8Array];

const extra = (name: string): ZipPart => ({ name, bytes: Buffer.from('evil') });
const any = (parts: readonly ZipPart[], random: Random, claim: ZipPart['claim']): ZipPart[] => {
  const chosen = pick(random, parts);
  return parts.map((part) => (part === chosen && claim !== undefined ? { ...part, claim } : part));
};

/** Attacks on any zip. */
const ATTACKS: readonly ZipAttack[] = [
  ['name that climbs', (parts, r) => writeZip([...parts, extra(pick(r, BAD_NAMES))])],
  ['name that climbs, first', (parts, r) => writeZip([extra(pick(r, BAD_NAMES)), ...parts])],
  ['odd name', (parts, r) => writeZip([...parts, extra(pick(r, ODD_NAMES))])],
  ['a name twice', (parts, r) => writeZip([...parts, pick(r, parts)])],
  ['a name twice, other content', (parts, r) => writeZip([...parts, extra(pick(r, parts).name)])],
  ['size of 4 GB', (parts, r) => writeZip(any(parts, r, { size: 0xffff_fffe - r(9) }))],
  [
    'size of 2^63 by zip64',
    (parts, r) => lie64(writeZip(parts, true), r, 2n ** 63n - BigInt(r(9))),
  ],
  [
    'size of 2^40 by zip64',
    (parts, r) => lie64(writeZip(parts, true), r, 2n ** 40n + BigInt(r(9))),
  ],
  ['entries that overlap', (parts, r) => writeZip(any(parts, r, { offset: r(200) }))],
  ['entry at another’s place', (parts, r) => writeZip(any(parts, r, { offset: 0 }))],
  ['place beyond the file', (parts, r) => writeZip(any(parts, r, { offset: 0x7fff_0000 + r(99) }))],
  ['wrong checksum', (parts, r) => writeZip(any(parts, r, { crc: r(2 ** 31) }))],
  [
    'encrypted',
    (parts, r) =>
      writeZip(
        replacePart(
          parts,
          (n) => n === pick(r, parts).name,
          (p) => ({ ...p, flags: 1 }),
        ),
      ),
  ],
  ['end record lies', (parts, r) => lieAtEnd(writeZip(parts), r)],
  ['end64 record lies', (parts, r) => lieAtEnd64(writeZip(parts, true), r)],
  [
    'a second end in the comment',
    (parts) => withComment(writeZip(parts), writeZip([extra('x')]).subarray(-22)),
  ],
  ['another zip behind it', (parts) => Buffer.concat([writeZip(parts), writeZip([extra('x')])])],
  ['thousands of entries', (parts, r) => writeZip([...parts, ...many(1000 + r(2000))])],
  ['no entry', () => writeZip([])],
  ['only directories', () => writeZip([{ name: 'a/', bytes: new Uint8Array(0) }])],
  [
    'entry that is a directory',
    (parts, r) =>
      writeZip([...parts, { name: `${pick(r, parts).name}/`, bytes: new Uint8Array(3) }]),
  ],
  [
    'symbolic link',
    (parts, r) =>
      link(writeZip([...parts, { name: 'link', bytes: Buffer.from('/etc/passwd') }]), r),
  ],
  ['deflated and flipped', (parts, r) => deflatedAndFlipped(parts, r)],
  [
    'unknown method',
    (parts, r) => patchCentral(writeZip(parts), r, 10, [12, 14, 93, 99, 1][r(5)] ?? 12),
  ],
];

/** Attacks on a zip of a model folder. */
const FOLDER_ATTACKS: readonly ZipAttack[] = [
  [
    '4 GB of zeros as checkpoint',
    (parts) => bomb(parts, 'fold_0/checkpoint_final.pth', 4000, 4000),
  ],
  ['4 GB of zeros as plans', (parts) => bomb(parts, 'plans.json', 4000, 4000)],
  ['2 GB of zeros said to be 1 MB', (parts) => bomb(parts, 'dataset.json', 2000, 1)],
  ['1 MB of zeros said to be 2 GB', (parts) => bomb(parts, 'plans.json', 1, 2000)],
  ['60 MB of zeros as plans', (parts) => bomb(parts, 'plans.json', 60, 60)],
  ['9 MB of brackets as plans', (parts) => json(parts, 'plans.json', '['.repeat(9_000_000))],
  ['7 MB of brackets as dataset', (parts) => json(parts, 'dataset.json', '['.repeat(7_000_000))],
  ['nested objects as plans', (parts) => json(parts, 'plans.json', '{"a":'.repeat(100_000))],
  ['null as plans', (parts) => json(parts, 'plans.json', 'null')],
  ['list as dataset', (parts) => json(parts, 'dataset.json', '[1,2]')],
  ['cyclic inheritance', (parts) => change(parts, { inherits_from: '3d_fullres' })],
  ['inherits from the prototype', (parts) => change(parts, { inherits_from: '__proto__' })],
  ['patch of 10^9 voxels', (parts) => change(parts, { patch_size: [1000, 1000, 1000] })],
  ['patch below one', (parts) => change(parts, { patch_size: [0, 8, 8] })],
  ['spacing of nothing', (parts) => change(parts, { spacing: [0, 1, 1] })],
  ['spacing of 1e308', (parts) => change(parts, { spacing: [1e308, 1e-308, 1] })],
  [
    'features without end',
    (parts) => change(parts, { UNet_base_num_features: 1e9, unet_max_num_features: 1e9 }),
  ],
  [
    'thousands of stages',
    (parts) => change(parts, { conv_kernel_sizes: Array(5000).fill([3, 3, 3]) }),
  ],
  ['no plans', (parts) => writeZip(parts.filter(({ name }) => !name.endsWith('plans.json')))],
  [
    'two models',
    (parts) => writeZip([...parts, ...parts.map((p) => ({ ...p, name: `b/${p.name}` }))]),
  ],
  ['zip in a zip', (parts) => writeZip([{ name: 'model.zip', bytes: writeZip(parts) }])],
  [
    'pickle instead of a checkpoint',
    (parts) => replaced(parts, 'fold_0/checkpoint_final.pth', Buffer.from('\x80\x02}.', 'latin1')),
  ],
  [
    'empty checkpoint',
    (parts) => replaced(parts, 'fold_0/checkpoint_final.pth', new Uint8Array(0)),
  ],
  ['900 folds of nothing', (parts) => writeZip([...parts, ...folds(900)])],
];

const hasEnd =
  (end: string) =>
  (name: string): boolean =>
    name.endsWith(end);

function replaced(parts: readonly ZipPart[], end: string, bytes: Uint8Array): Uint8Array {
  return writeZip(replacePart(parts, hasEnd(end), (part) => ({ ...part, bytes })));
}

function json(parts: readonly ZipPart[], end: string, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return writeZip(replacePart(parts, hasEnd(end), (p) => ({ ...p, bytes, deflate: true })));
}

/** Changes keys of the configuration in plans.json. */
function change(parts: readonly ZipPart[], keys: Readonly<Record<string, unknown>>): Uint8Array {
  return writeZip(
    replacePart(parts, hasEnd('plans.json'), (part) => {
      const plans = JSON.parse(Buffer.from(part.bytes).toString()) as {
        configurations: Record<string, Record<string, unknown>>;
      };
      Object.assign(plans.configurations['3d_fullres'] ?? {}, keys);
      return { ...part, bytes: Buffer.from(JSON.stringify(plans)) };
    }),
  );
}

const many = (count: number): ZipPart[] =>
  Array.from({ length: count }, (_, i) => ({ name: `extra/${i}`, bytes: new Uint8Array(0) }));
const folds = (count: number): ZipPart[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `fold_${i + 9}/checkpoint_final.pth`,
    bytes: new Uint8Array(0),
  }));

/** A deflate stream of `megabytes` of zeros, made of one megabyte's repeated blocks. */
function zeros(megabytes: number): Buffer {
  const block = deflateRawSync(new Uint8Array(2 ** 20), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([...Array<Buffer>(megabytes).fill(block), Buffer.of(3, 0)]);
}

function bomb(
  parts: readonly ZipPart[],
  end: string,
  megabytes: number,
  claimed: number,
): Uint8Array {
  const stored = writeZip(
    replacePart(parts, hasEnd(end), (part) => ({ ...part, bytes: zeros(megabytes) })),
  );
  const name = parts.find((part) => part.name.endsWith(end))?.name ?? '';
  const view = new DataView(stored.buffer);
  for (const at of centralPlaces(stored)) {
    const length = view.getUint16(at + 28, true);
    if (Buffer.from(stored.subarray(at + 46, at + 46 + length)).toString() !== name) continue;
    view.setUint16(at + 10, 8, true);
    view.setUint32(at + 24, claimed * 2 ** 20, true);
  }
  return stored;
}

function centralPlaces(zip: Uint8Array): number[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const places: number[] = [];
  let at = view.getUint32(zip.length - 6, true);
  while (at + 46 <= zip.length && view.getUint32(at, true) === 0x02014b50) {
    places.push(at);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  }
  return places;
}

function patchCentral(zip: Uint8Array, random: Random, offset: number, value: number): Uint8Array {
  const place = pick(random, centralPlaces(zip));
  new DataView(zip.buffer).setUint16(place + offset, value, true);
  return zip;
}

/** Says in the attributes of the last entry that it is a link. */
function link(zip: Uint8Array, random: Random): Uint8Array {
  const place = centralPlaces(zip).at(-1) ?? 0;
  const view = new DataView(zip.buffer);
  view.setUint16(place + 4, (3 << 8) | 20, true);
  view.setUint32(place + 38, ((0o120_000 + random(0o777)) << 16) >>> 0, true);
  return zip;
}

function deflatedAndFlipped(parts: readonly ZipPart[], random: Random): Uint8Array {
  const zip = writeZip(parts.map((part) => ({ ...part, deflate: true })));
  const at = 40 + random(zip.length - 40);
  zip[at] = (zip[at] ?? 0) ^ (1 << random(8));
  return zip;
}

/** Puts a size into a zip64 field of some entry. */
function lie64(zip: Uint8Array, random: Random, value: bigint): Uint8Array {
  const view = new DataView(zip.buffer);
  const fields: number[] = [];
  for (let at = 0; at + 28 <= zip.length; at += 1) {
    if (view.getUint32(at, true) === 0x0018_0001) fields.push(at + 4);
  }
  view.setBigUint64(pick(random, fields) + 8 * random(3), value, true);
  return zip;
}

function lieAtEnd(zip: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(zip.buffer);
  const end = zip.length - 22;
  const at = [8, 10, 12, 16, 20][random(5)] ?? 10;
  const values = [0, 1, 0xffff, 0xfffe, 0xffff_ffff, 0x7fff_ffff, zip.length];
  const value = pick(random, values);
  if (at === 12 || at === 16) view.setUint32(end + at, value, true);
  else view.setUint16(end + at, value & 0xffff, true);
  return zip;
}

function lieAtEnd64(zip: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(zip.buffer);
  const record = zip.length - 22 - 20 - 56;
  const places = [record + 24, record + 32, record + 40, record + 48, zip.length - 22 - 12];
  const values = [0n, 1n, 2n ** 63n, 2n ** 53n, 2n ** 32n, BigInt(zip.length), 20_001n];
  view.setBigUint64(pick(random, places), pick(random, values), true);
  return zip;
}

function withComment(zip: Uint8Array, comment: Uint8Array): Uint8Array {
  const all = new Uint8Array(Buffer.concat([zip, comment]));
  new DataView(all.buffer).setUint16(zip.length - 2, comment.length, true);
  return all;
}

function attack(
  input: Mutation['input'],
  file: Uint8Array,
  [name, make]: ZipAttack,
  seed: number,
): Mutation {
  const bytes = new Uint8Array(make(partsOf(file), randomOf(seed)));
  const mayForge = input === 'folder';
  return { name: `hostile ${input}, ${name} ${seed}`, input, bytes, mayForge };
}

function chosen(attacks: readonly ZipAttack[], seed: number): ZipAttack {
  const found = attacks[seed % attacks.length];
  if (found === undefined) throw new Error('There is no such attack.');
  return found;
}

export function hostileCheckpoint(file: Uint8Array, seed: number): Mutation {
  return attack('checkpoint', file, chosen(ATTACKS, seed), seed);
}

export function hostileFolder(file: Uint8Array, seed: number): Mutation {
  return attack('folder', file, chosen([...FOLDER_ATTACKS, ...ATTACKS], seed), seed);
}
