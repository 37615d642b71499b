import type { Kernel, Statement, V128 } from './assembler.ts';
import { kernel, loop } from './assembler.ts';
import { floatsOfOrdered, orderedOfHalves } from './half-arithmetic.ts';
import { f32x4, i16x8, i32, i32x4, i8x16, v128 } from './instructions.ts';

/** Channels that one call of `scan` compares. */
export const CHANNELS_PER_SCAN = 8;
/** Ordered integer below that of every half. */
export const BELOW_ALL = -0x8000;
/** Where the samples around a cell disagree, or their lead may be lost in rounding. */
export const MIXED = 255;
const VECTOR_BYTES = 16;

/**
 * `scan(first, stride, last, channel, best, lower, winner, bytes)`: goes on with the search for the largest channel of
 * each voxel. The next channels' halves lie at `first`, `first + stride`, … but never beyond `last`: channels that are
 * seen again change nothing. `best` and `lower` are the ordered integers of the largest channel and of the largest
 * before it, `winner` is its number (16 bits each).
 */
const scan: Kernel = kernel(
  'scan',
  ['first', 'stride', 'last', 'channel', 'best', 'lower', 'winner', 'bytes'],
  ({ first, stride, last, channel, best, lower, winner, bytes }, variables) => {
    const at = variables.i32();
    const [size, below, label] = [variables.v128(), variables.v128(), variables.v128()];
    const [value, larger] = [variables.v128(), variables.v128()];
    const ordered = orderedOfHalves(variables);
    const sources = Array.from({ length: CHANNELS_PER_SCAN }, () => variables.i32());
    const numbers = Array.from({ length: CHANNELS_PER_SCAN }, () => variables.v128());
    const prepare = sources.flatMap((source, n) => {
      const wanted = i32.add(first, i32.mul(stride, i32.const(n)));
      return [
        source.set(i32.select(wanted, last, i32.lt_u(wanted, last))),
        numbers[n]?.set(i16x8.splat(i32.add(channel, i32.const(n)))) ?? { code: [] },
      ];
    });
    const compare = sources.flatMap((source, n): Statement[] => [
      value.set(ordered(v128.load(i32.add(source, at)))),
      larger.set(i16x8.gt_s(value, size)),
      below.set(v128.bitselect(size, below, larger)),
      label.set(i16x8.max_s(label, v128.and(larger, numbers[n] ?? larger))),
      size.set(i16x8.max_s(size, value)),
    ]);
    return {
      body: [
        ...prepare,
        loop(at, i32.const(0), bytes, i32.const(VECTOR_BYTES), [
          size.set(v128.load(i32.add(best, at))),
          below.set(v128.load(i32.add(lower, at))),
          label.set(v128.load(i32.add(winner, at))),
          ...compare,
          v128.store(i32.add(best, at), size),
          v128.store(i32.add(lower, at), below),
          v128.store(i32.add(winner, at), label),
        ]),
      ],
    };
  },
);

/**
 * `summarise(best, lower, winner, labels, reaches, sizes, count)`: what is kept of each voxel, a byte each: its winner;
 * the size of the winner's logit, as the exponent e of a power of two it does not exceed, 2^(e − 15), e ≥ 1; and its
 * reach, the largest such e whose rounding can't level the lead over lower channels: lead > 2^(e − 25) + 2^−24, which
 * holds when lead > 2^(e − 24) (nnunet-inference §7.2 item 4). Channel 0 has no lower channel: its reach is 255.
 */
const summarise: Kernel = kernel(
  'summarise',
  ['best', 'lower', 'winner', 'labels', 'reaches', 'sizes', 'count'],
  ({ best, lower, winner, labels, reaches, sizes, count }, variables) => {
    const [index, at] = [variables.i32(), variables.i32()];
    const [size, below, label] = [variables.v128(), variables.v128(), variables.v128()];
    const floats = floatsOfOrdered(variables);
    const load = (offset: number): Statement[] => [
      size.set(v128.load(i32.add(best, at), offset)),
      below.set(v128.load(i32.add(lower, at), offset)),
      label.set(v128.load(i32.add(winner, at), offset)),
    ];
    /** Exponent e of lead > 2^(e − 24): one less where the lead is a power of two. */
    const exponent = (extend: (lanes: V128) => V128): V128 => {
      const lead = f32x4.sub(floats(extend(size)), floats(extend(below)));
      const floor = i32x4.shr_s(i32x4.sub(lead, variables.constant(i32x4.const(1))), 23);
      return i32x4.sub(floor, variables.constant(i32x4.const(127 - 24)));
    };
    const reach = (): V128 =>
      i16x8.max_s(
        i16x8.narrow_i32x4_s(
          exponent(i32x4.extend_low_i16x8_s),
          exponent(i32x4.extend_high_i16x8_s),
        ),
        v128.and(
          i16x8.eq(label, variables.constant(i16x8.const(0))),
          variables.constant(i16x8.const(255)),
        ),
      );
    const bound = (): V128 =>
      i16x8.shr_u(
        i16x8.add(
          i16x8.max_s(i16x8.abs(size), variables.constant(i16x8.const(1))),
          variables.constant(i16x8.const(0x3ff)),
        ),
        10,
      );
    const [firstReach, firstBound, firstLabel] = [
      variables.v128(),
      variables.v128(),
      variables.v128(),
    ];
    return {
      body: [
        loop(index, i32.const(0), count, i32.const(16), [
          at.set(i32.shl(index, i32.const(1))),
          ...load(0),
          firstReach.set(reach()),
          firstBound.set(bound()),
          firstLabel.set(label),
          ...load(VECTOR_BYTES),
          v128.store(i32.add(labels, index), i8x16.narrow_i16x8_u(firstLabel, label)),
          v128.store(i32.add(reaches, index), i8x16.narrow_i16x8_u(firstReach, reach())),
          v128.store(i32.add(sizes, index), i8x16.narrow_i16x8_u(firstBound, bound())),
        ]),
      ],
    };
  },
);

/**
 * `decide(near, far, plane, right, down, decided, from, to)`: for cells `from` … `to`, the label that all samples around
 * the cell share and that leads at all of them by more than rounding can level, else `MIXED`. `near` and `far` are two
 * rows as `summarise` leaves them, labels, reaches and sizes `plane` bytes apart; samples lie 0 or `right`, and 0 or `down`
 * bytes beside the cell's own place.
 */
const decide: Kernel = kernel(
  'decide',
  ['near', 'far', 'plane', 'right', 'down', 'decided', 'from', 'to'],
  ({ near, far, plane, right, down, decided, from, to }, variables) => {
    const at = variables.i32();
    const [label, agree, reach, size] = [
      variables.v128(),
      variables.v128(),
      variables.v128(),
      variables.v128(),
    ];
    const place = variables.i32();
    const look = (row: typeof near, beside: readonly (typeof right)[]): Statement[] => {
      const sample = beside.reduce(i32.add, i32.add(row, at));
      const reaches = i32.add(place, plane);
      return [
        place.set(sample),
        agree.set(v128.and(agree, i8x16.eq(label, v128.load(place)))),
        reach.set(i8x16.min_u(reach, v128.load(reaches))),
        size.set(i8x16.max_u(size, v128.load(i32.add(reaches, plane)))),
      ];
    };
    return {
      body: [
        loop(at, from, to, i32.const(VECTOR_BYTES), [
          label.set(v128.load(i32.add(near, at))),
          agree.set(variables.constant(i8x16.const(255))),
          reach.set(variables.constant(i8x16.const(255))),
          size.set(variables.constant(i8x16.const(0))),
          ...[near, far].flatMap((row) =>
            [[], [right], [down], [right, down]].flatMap((beside) => look(row, beside)),
          ),
          agree.set(v128.and(agree, i8x16.eq(i8x16.max_u(reach, size), reach))),
          v128.store(
            i32.add(decided, at),
            v128.bitselect(label, variables.constant(i8x16.const(MIXED)), agree),
          ),
        ]),
      ],
    };
  },
);

/** Halves of the lanes, exchanged so that after three rounds lane 0 has seen all eight. */
const EXCHANGES: readonly (readonly number[])[] = [
  [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
  [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11],
  [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13],
];

/**
 * `bounds(halves, plane, heads, line, lines, right, minima, maxima)`: per channel the least and the largest ordered integer
 * (16 bits each) of a tile of `lines` lines and eight halves to the right, and the same `right` bytes beside. Channels lie
 * `plane` bytes apart, lines `line` bytes.
 */
const bounds: Kernel = kernel(
  'bounds',
  ['halves', 'plane', 'heads', 'line', 'lines', 'right', 'minima', 'maxima'],
  ({ halves, plane, heads, line, lines, right, minima, maxima }, variables) => {
    const [channel, row, at, out] = [
      variables.i32(),
      variables.i32(),
      variables.i32(),
      variables.i32(),
    ];
    const [least, most, value] = [variables.v128(), variables.v128(), variables.v128()];
    const ordered = orderedOfHalves(variables);
    const widen = (address: ReturnType<typeof i32.add>): Statement[] => [
      value.set(ordered(v128.load(address))),
      least.set(i16x8.min_s(least, value)),
      most.set(i16x8.max_s(most, value)),
    ];
    return {
      body: [
        loop(channel, i32.const(0), heads, i32.const(1), [
          least.set(variables.constant(i16x8.const(0x7fff))),
          most.set(variables.constant(i16x8.const(BELOW_ALL))),
          at.set(halves),
          loop(row, i32.const(0), lines, i32.const(1), [
            ...widen(at),
            ...widen(i32.add(at, right)),
            at.set(i32.add(at, line)),
          ]),
          ...EXCHANGES.flatMap((lanes) => [
            least.set(i16x8.min_s(least, i8x16.shuffle(least, least, lanes))),
            most.set(i16x8.max_s(most, i8x16.shuffle(most, most, lanes))),
          ]),
          out.set(i32.shl(channel, i32.const(1))),
          i32.store16(i32.add(minima, out), i16x8.extract_lane_s(least, 0)),
          i32.store16(i32.add(maxima, out), i16x8.extract_lane_s(most, 0)),
          halves.set(i32.add(halves, plane)),
        ]),
      ],
    };
  },
);

export const LABEL_KERNELS: readonly Kernel[] = [scan, summarise, decide, bounds];
