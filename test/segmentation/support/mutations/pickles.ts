import { writeZip } from '../zip-writer.ts';
import { flipBits } from './damage.ts';
import type { Mutation, Random } from './mutation.ts';
import { isPickle, partsOf, pickleOf, randomOf, replacePart } from './mutation.ts';

/** The file with another data.pkl, checksums right. */
function withPickle(file: Uint8Array, name: string, pickle: Uint8Array): Mutation {
  const parts = replacePart(partsOf(file), isPickle, (part) => ({ ...part, bytes: pickle }));
  return { name, input: 'checkpoint', bytes: writeZip(parts), mayForge: true };
}

const OPCODES = Buffer.from('}])(qrhjcRbQtaesu.NJKMGX\x80\x85\x86\x87\x88\x89\x8a', 'latin1');
/** Opcodes of Python's pickle that a checkpoint has no use for. */
const UNSAFE = Buffer.from(
  'iodlp0125FILSTUVBC\x81\x82\x83\x84\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98',
  'latin1',
);

/** The pickle changed at a random place: bits, an opcode, a missing or doubled stretch. */
export function mutatePickle(file: Uint8Array, seed: number): Mutation {
  const random = randomOf(seed);
  const pickle = pickleOf(file);
  const at = 2 + random(pickle.length - 2);
  const end = Math.min(pickle.length, at + 1 + random(40));
  const splice = (middle: Uint8Array, from = at): Uint8Array =>
    new Uint8Array(Buffer.concat([pickle.subarray(0, at), middle, pickle.subarray(from)]));
  const one = (from: Buffer): Uint8Array => Uint8Array.of(from[random(from.length)] ?? 0);
  const kinds: [string, () => Uint8Array][] = [
    ['bits', () => flipBits(pickle, random)],
    ['opcode replaced', () => splice(one(OPCODES), at + 1)],
    ['opcode inserted', () => splice(one(OPCODES))],
    ['unsafe opcode inserted', () => splice(one(UNSAFE))],
    ['byte missing', () => splice(new Uint8Array(0), at + 1)],
    ['stretch missing', () => splice(new Uint8Array(0), end)],
    ['stretch doubled', () => splice(pickle.subarray(at, end))],
    ['cut off', () => pickle.subarray(0, at)],
    ['length huge', () => splice(Buffer.from('X\xff\xff\xff\xff', 'latin1'))],
    ['byte 0xff', () => splice(Uint8Array.of(255), at + 1)],
  ];
  const [name, make] = kinds[seed % kinds.length] ?? ['', () => pickle];
  return withPickle(file, `pickle, ${name} ${seed}`, make());
}

const raw = (...pieces: (string | number | Uint8Array)[]): Buffer =>
  Buffer.concat(
    pieces.map((piece) =>
      typeof piece === 'number'
        ? Buffer.of(piece)
        : typeof piece === 'string'
          ? Buffer.from(piece, 'latin1')
          : piece,
    ),
  );
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const text = (value: string): Buffer => raw('X', u32(Buffer.byteLength(value)), Buffer.from(value));
const int = (value: number): Buffer => raw('J', u32(value));
/** LONG1 of eight bytes. */
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return raw(0x8a, 8, bytes);
};
const repeat = (count: number, piece: Buffer): Buffer => {
  const all = Buffer.alloc(count * piece.length);
  return all.fill(piece);
};
const tuple = (...items: Uint8Array[]): Buffer => raw('(', ...items, 't');
const storage = (key: string, numel: Uint8Array, type = 'FloatStorage'): Buffer =>
  raw(tuple(text('storage'), raw(`ctorch\n${type}\n`), text(key), text('cpu'), numel), 'Q');
const tensor = (of: Uint8Array, offset: Uint8Array, size: Uint8Array, stride: Uint8Array): Buffer =>
  raw(
    'ctorch._utils\n_rebuild_tensor_v2\n',
    tuple(of, offset, size, stride, raw(0x89), raw('ccollections\nOrderedDict\n)R')),
    'R',
  );
/** Dictionary of weights that takes the place of the real one. */
const weights = (...items: Uint8Array[]): Buffer => raw('}(', ...items, 'u');

type Attack = readonly [name: string, key: string, make: (random: Random) => Buffer];

/** Values of a further key of the top dictionary, or of `network_weights` itself. */
const ATTACKS: readonly Attack[] = [
  ['memo with far numbers', 'x', (r) => raw('N', 'r', u32(0xffff_fff0 + r(15)))],
  ['memo of many', 'x', (r) => raw('](', memoPuts(20_000 + r(20_000)), 'e')],
  ['memo recalled before it is set', 'x', (r) => raw('j', u32(1e9 + r(1000)))],
  ['string longer than the file', 'x', (r) => raw('X', u32(2 ** 31 + r(2 ** 30)))],
  ['nested lists', 'x', (r) => nestedLists(20_000 + r(80_000))],
  ['nested tuples', 'x', (r) => raw(')', repeat(20_000 + r(80_000), raw(0x85)))],
  ['nested dictionaries', 'x', (r) => nestedDictionaries(10_000 + r(20_000))],
  ['billion laughs', 'x', (r) => laughs(20 + r(20))],
  ['list that holds itself', 'x', () => raw(']q\x07h\x07ah\x07a')],
  ['dictionary that holds itself', 'x', () => raw('}q\x07', text('me'), 'h\x07s')],
  ['marks', 'x', (r) => raw(repeat(50_000 + r(50_000), raw('(')), 'N')],
  ['empty dictionaries', 'x', (r) => raw('](', repeat(20_000 + r(20_000), raw('}')), 'e')],
  ['long integers', 'x', (r) => raw('](', repeat(2000 + r(2000), longest()), 'e')],
  ['global without end', 'x', (r) => raw('c', repeat(100_000 + r(9), raw('a')))],
  ['global of the prototype', 'x', () => raw('c__proto__\nconstructor\n)R')],
  ['global of an object’s method', 'x', () => raw('ctorch\nhasOwnProperty\n)R')],
  ['os.system', 'x', () => raw('cos\nsystem\n', text('touch situs-ran-a-checkpoint'), 0x85, 'R')],
  ['instance by INST', 'x', () => raw('(', text('id'), 'ios\nsystem\n')],
  ['stacked global', 'x', () => raw(text('os'), text('system'), 0x93, text('id'), 0x85, 'R')],
  ['call of a call', 'x', () => raw('ccollections\nOrderedDict\n)R)R')],
  ['OrderedDict of items', 'x', () => raw('ccollections\nOrderedDict\n]', 0x85, 'R')],
  ['attributes of a tensor', 'x', () => raw(ordinary(), '}b')],
  ['attributes of the prototype', '__proto__', () => raw('}', text('polluted'), 'K\x01s')],
  ['a second end', 'x', () => raw('N.N')],
  ['numbers as keys', 'x', (r) => raw('}(', numberKeys(5000 + r(5000)), 'u')],
  ['lists as keys', 'x', () => raw('}(]Nu')],
  ['NaN as key', 'x', () => raw('}(G', Buffer.from('7ff8000000000000', 'hex'), 'Nu')],
  ['path as storage key', 'network_weights', () => weights(text('w'), view('../0', 3, [3], [1]))],
  [
    'storage length lies',
    'network_weights',
    (r) => weights(text('w'), view('0', 1e6 + r(9), [3], [1])),
  ],
  ['storage length negative', 'network_weights', () => weights(text('w'), view('0', -3, [3], [1]))],
  [
    'expanded tensor',
    'network_weights',
    (r) => weights(text('w'), view('0', 18, [2 ** 28 + r(99)], [0])),
  ],
  [
    'expanded in many axes',
    'network_weights',
    () => weights(text('w'), view('0', 18, [600, 600, 600], [0, 0, 0])),
  ],
  ['axes of 2^40 and 0', 'network_weights', () => weights(text('w'), wide(2n ** 40n, 0n))],
  ['axes of 2^40', 'network_weights', () => weights(text('w'), wide(2n ** 40n, 2n ** 40n))],
  ['axes of 2^62', 'network_weights', () => weights(text('w'), wide(2n ** 62n, 1n))],
  ['negative stride', 'network_weights', () => weights(text('w'), view('0', 18, [3], [-1]))],
  ['twelve axes', 'network_weights', () => weights(text('w'), view('0', 18, ones(12), ones(12)))],
  ['thousands of views of one storage', 'network_weights', (r) => manyViews(3000 + r(3000), '')],
  ['thousands of aliases', 'network_weights', (r) => manyViews(3000 + r(3000), 'decoder.encoder.')],
  ['weights that are a list', 'network_weights', () => raw(']')],
  ['weights named by numbers', 'network_weights', () => weights(int(5), ordinary())],
  [
    'configuration of the prototype',
    'init_args',
    () => raw('}(', text('configuration'), text('__proto__'), 'u'),
  ],
  ['trainer with a line end', 'trainer_name', () => text('nnUNetTrainer\n')],
  ['mirroring by a string', 'inference_allowed_mirroring_axes', () => text('012')],
  ['mirroring along axis 7', 'inference_allowed_mirroring_axes', () => raw('K\x07', 0x85)],
  [
    'mirroring along 10^5 axes',
    'inference_allowed_mirroring_axes',
    () => raw('(', repeat(100_000, raw('K\x00')), 't'),
  ],
];

/** Larger than any real pickle; few, since even refusing them takes a while. */
const FLOODS: readonly Attack[] = [
  ['flood of nothing', 'x', () => raw('](', repeat(6_000_000, raw('N')), 'e')],
  ['flood of memo numbers', 'x', () => raw(']', memoAppends(2_100_000, 1))],
  ['memo numbers with gaps', 'x', () => raw(']', memoAppends(200_000, 3))],
  ['flood of dictionaries', 'x', () => raw(']', repeat(3_000_000, raw('}a')))],
  ['flood of long integers', 'x', () => raw(']', repeat(40_000, raw(longest(), 'a')))],
  ['one string of 40 MB', 'x', () => raw('X', u32(40_000_000), repeat(40_000_000, raw('a')))],
  ['flood of marks', 'x', () => repeat(6_000_000, raw('('))],
  ['flood of globals', 'x', () => raw(']', repeat(300_000, raw('ctorch\nFloatStorage\na')))],
  ['flood of tuples', 'x', () => raw(']', repeat(6_000_000, raw(')a')))],
  ['more tuples than in any log', 'x', () => raw(']', repeat(1_200_000, raw(')a')))],
  ['flood of strings', 'x', () => raw(']', repeat(1_400_000, raw(text('e'), 'a')))],
];

function memoPuts(count: number): Buffer {
  const all = Buffer.alloc(6 * count);
  for (let i = 0; i < count; i += 1) {
    all.write('Nr', 6 * i, 'latin1');
    all.writeUInt32LE(1000 + i, 6 * i + 2);
  }
  return all;
}

function memoAppends(count: number, step: number): Buffer {
  const all = Buffer.alloc(7 * count);
  for (let i = 0; i < count; i += 1) {
    all.write('Nr', 7 * i, 'latin1');
    all.writeUInt32LE(step * i, 7 * i + 2);
    all.write('a', 7 * i + 6, 'latin1');
  }
  return all;
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
const nestedLists = (depth: number): Buffer =>
  raw(repeat(depth, raw(']')), repeat(depth - 1, raw('a')));
const nestedDictionaries = (depth: number): Buffer =>
  raw(repeat(depth, raw('}', text('k'))), 'N', repeat(depth, raw('s')));

function laughs(levels: number): Buffer {
  const memo = (level: number): string => String.fromCharCode(100 + level);
  const level = (n: number): Buffer =>
    raw('](', repeat(10, raw('h', memo(n - 1))), 'e', 'q', memo(n));
  const all = Array.from({ length: levels }, (_, n) => raw(level(n + 1), 'a'));
  return raw(']', ']', 'q', memo(0), 'a', ...all);
}

function longest(): Buffer {
  return raw(0x8a, 255, Buffer.alloc(255, 0x7f));
}

function numberKeys(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => raw(int(i * 65_536), 'N')));
}

function view(key: string, numel: number, size: number[], stride: number[]): Buffer {
  return tensor(
    storage(key, int(numel)),
    int(0),
    tuple(...size.map(int)),
    tuple(...stride.map(int)),
  );
}

function ordinary(): Buffer {
  return view('0', 18, [2], [1]);
}

function wide(first: bigint, second: bigint): Buffer {
  return tensor(
    storage('0', long(2n ** 40n)),
    int(0),
    tuple(long(first), long(second)),
    tuple(long(1n), long(1n)),
  );
}

/** All look at the whole of a large storage that `floodStorage` adds. */
function manyViews(count: number, prefix: string): Buffer {
  const look = (offset: number): Buffer => {
    const size = tuple(int(240_000));
    return tensor(storage('flood', int(250_000)), int(offset), size, tuple(int(1)));
  };
  const names = Array.from({ length: count }, (_, i) => [
    text(`${prefix}w${i}`),
    ...(prefix === '' ? [] : [look(1 + (i % 9)), text(`encoder.w${i}`)]),
    look(0),
  ]);
  return weights(...names.flat());
}

const FLOOD_STORAGE = new Uint8Array(1_000_000);

/** The real pickle with one more entry in its dictionary, which wins over an earlier one of that name. */
function attacked(file: Uint8Array, [name, key, make]: Attack, seed: number): Mutation {
  const pickle = pickleOf(file);
  const changed = raw(pickle.subarray(0, -1), text(key), make(randomOf(seed)), 's.');
  const parts = replacePart(partsOf(file), isPickle, (part) => ({
    ...part,
    bytes: new Uint8Array(changed),
  }));
  const root = parts[0]?.name.split('/')[0] ?? '';
  parts.push({ name: `${root}/data/flood`, bytes: FLOOD_STORAGE });
  const isIgnored = key === 'x' || key === '__proto__';
  return {
    name: `hostile pickle, ${name} ${seed}`,
    input: 'checkpoint',
    bytes: writeZip(parts),
    mayForge: !isIgnored,
  };
}

export function hostilePickle(file: Uint8Array, seed: number): Mutation {
  const attack = ATTACKS[seed % ATTACKS.length];
  if (attack === undefined) throw new Error('There is no such attack.');
  return attacked(file, attack, seed);
}

export const FLOOD_COUNT = FLOODS.length;

export function floodedPickle(file: Uint8Array, seed: number): Mutation {
  const attack = FLOODS[seed % FLOODS.length];
  if (attack === undefined) throw new Error('There is no such attack.');
  return attacked(file, attack, seed);
}
