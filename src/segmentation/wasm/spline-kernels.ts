import type { I32, Kernel, Local, Statement, V128, Variables } from './assembler.ts';
import { kernel, loop } from './assembler.ts';
import { f64x2, i32, i8x16, v128 } from './instructions.ts';

/**
 * Lines of binary64 that lie in columns: element i of a line is one `stride` after element i − 1, the next line is 8 bytes
 * beside. All kernels touch whole groups of eight columns, a cache line, so that arrays need lines of padding.
 */
export const COLUMN_GROUP = 8;
const DOUBLE_BYTES = 8;
const VECTOR_BYTES = 16;
const VECTORS = (COLUMN_GROUP * DOUBLE_BYTES) / VECTOR_BYTES;

/** Places of the constants of `prefilter`, in numbers; the powers follow. */
export const PREFILTER_TABLE = {
  gain: 0,
  pole: 1,
  mirror: 2,
  first: 3,
  last: 4,
  powers: 5,
} as const;

/** One vector of each pair of columns of a group. */
type Group = readonly Local<'v128'>[];
const group = (variables: Variables): Group =>
  Array.from({ length: VECTORS }, () => variables.v128());
const forGroup = (
  vectors: Group,
  write: (vector: Local<'v128'>, offset: number) => Statement,
): Statement[] => vectors.map((vector, n) => write(vector, n * VECTOR_BYTES));

/**
 * `prefilter(block, length, columns, stride, table, terms)`: recursive cubic B-spline filter of every column, gain 6,
 * half-sample reflection at the ends (nnunet-inference §2.7 item 2). `table` holds the constants by `PREFILTER_TABLE`; of the
 * causal sum's terms only the first `terms` are added, the others being nothing beside them.
 */
const prefilter: Kernel = kernel(
  'prefilter',
  ['block', 'length', 'columns', 'stride', 'table', 'terms'],
  ({ block, length, columns, stride, table, terms }, variables) => {
    const [column, start, end] = [variables.i32(), variables.i32(), variables.i32()];
    const [at, opposite, power, last] = [
      variables.i32(),
      variables.i32(),
      variables.i32(),
      variables.i32(),
    ];
    const constant = (place: number): Local<'v128'> => constants[place] ?? variables.v128();
    const constants = Object.values(PREFILTER_TABLE).map(() => variables.v128());
    const prepare = Object.values(PREFILTER_TABLE).map((place) =>
      constant(place).set(v128.load64_splat(table, place * DOUBLE_BYTES)),
    );
    const { gain, pole, mirror, first, last: lastFactor, powers } = PREFILTER_TABLE;
    const weight = variables.v128();
    const running = group(variables);
    const scaled = (address: I32, offset: number): V128 =>
      f64x2.mul(v128.load(address, offset), constant(gain));
    const sum = forGroup(running, (vector, offset) =>
      vector.set(
        f64x2.add(
          vector,
          f64x2.mul(
            weight,
            f64x2.add(scaled(at, offset), f64x2.mul(constant(mirror), scaled(opposite, offset))),
          ),
        ),
      ),
    );
    const store = (vector: Local<'v128'>, offset: number): Statement =>
      v128.store(at, vector, offset);
    return {
      body: [
        ...prepare,
        loop(column, i32.const(0), columns, i32.const(COLUMN_GROUP), [
          start.set(i32.add(block, i32.mul(column, i32.const(DOUBLE_BYTES)))),
          last.set(i32.add(start, i32.mul(i32.sub(length, i32.const(1)), stride))),
          at.set(start),
          opposite.set(last),
          ...forGroup(running, (vector) => vector.set(variables.constant(i8x16.const(0)))),
          end.set(i32.add(table, i32.mul(terms, i32.const(DOUBLE_BYTES)))),
          loop(power, table, end, i32.const(DOUBLE_BYTES), [
            weight.set(v128.load64_splat(power, powers * DOUBLE_BYTES)),
            ...sum,
            at.set(i32.add(at, stride)),
            opposite.set(i32.sub(opposite, stride)),
          ]),
          at.set(start),
          ...forGroup(running, (vector, offset) =>
            vector.set(f64x2.add(scaled(at, offset), f64x2.mul(constant(first), vector))),
          ),
          ...forGroup(running, store),
          loop(at, i32.add(start, stride), i32.add(last, i32.const(1)), stride, [
            ...forGroup(running, (vector, offset) =>
              vector.set(f64x2.add(scaled(at, offset), f64x2.mul(constant(pole), vector))),
            ),
            ...forGroup(running, store),
          ]),
          at.set(last),
          ...forGroup(running, (vector) =>
            vector.set(f64x2.div(f64x2.mul(vector, constant(pole)), constant(lastFactor))),
          ),
          ...forGroup(running, store),
          loop(power, i32.const(1), length, i32.const(1), [
            at.set(i32.sub(at, stride)),
            ...forGroup(running, (vector, offset) =>
              vector.set(f64x2.mul(constant(pole), f64x2.sub(vector, v128.load(at, offset)))),
            ),
            ...forGroup(running, store),
          ]),
        ]),
      ],
    };
  },
);

/**
 * `interpolate2` and `interpolate4(block, stride, taps, count, columns, target, targetStride, range)`: element k of each
 * target column is the weighted sum of two or four elements of the block's column, clipped to the two numbers at `range`.
 * `taps` holds, per k, the weights and, in the lower half of another number, the first element's offset in bytes.
 */
function interpolate(taps: 2 | 4): Kernel {
  return kernel(
    `interpolate${taps}`,
    ['block', 'stride', 'taps', 'count', 'columns', 'target', 'targetStride', 'range'],
    (parameters, variables) => {
      const { block, stride, count, columns, target, targetStride, range } = parameters;
      const [k, at, first, end] = [
        variables.i32(),
        variables.i32(),
        variables.i32(),
        variables.i32(),
      ];
      const [lowest, highest] = [variables.v128(), variables.v128()];
      const weights = Array.from({ length: taps }, () => variables.v128());
      const term = (n: number): V128 => {
        const row = Array.from({ length: n }).reduce<I32>(
          (address) => i32.add(address, stride),
          i32.add(first, at),
        );
        return f64x2.mul(v128.load(row), weights[n] ?? lowest);
      };
      const near = f64x2.add(term(0), term(1));
      const value = taps === 2 ? near : f64x2.add(near, f64x2.add(term(2), term(3)));
      return {
        body: [
          lowest.set(v128.load64_splat(range)),
          highest.set(v128.load64_splat(range, DOUBLE_BYTES)),
          end.set(i32.mul(columns, i32.const(DOUBLE_BYTES))),
          loop(k, i32.const(0), count, i32.const(1), [
            ...weights.map((weight, n) =>
              weight.set(v128.load64_splat(parameters.taps, n * DOUBLE_BYTES)),
            ),
            first.set(i32.add(block, i32.load(parameters.taps, taps * DOUBLE_BYTES))),
            loop(at, i32.const(0), end, i32.const(VECTOR_BYTES), [
              v128.store(i32.add(target, at), f64x2.pmin(f64x2.pmax(value, lowest), highest)),
            ]),
            parameters.taps.set(i32.add(parameters.taps, i32.const((taps + 1) * DOUBLE_BYTES))),
            target.set(i32.add(target, targetStride)),
          ]),
        ],
      };
    },
  );
}

const LOWER_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const UPPER_HALVES = LOWER_HALVES.map((lane) => lane + 8);

/**
 * `transpose(source, sourceStride, rows, columns, target, targetStride)`: numbers of binary64, two rows and columns at a
 * time; an odd row or column takes what is beside it along.
 */
const transpose: Kernel = kernel(
  'transpose',
  ['source', 'sourceStride', 'rows', 'columns', 'target', 'targetStride'],
  ({ source, sourceStride, rows, columns, target, targetStride }, variables) => {
    const [row, from, to, end] = [
      variables.i32(),
      variables.i32(),
      variables.i32(),
      variables.i32(),
    ];
    const [upper, lower] = [variables.v128(), variables.v128()];
    return {
      body: [
        loop(row, i32.const(0), rows, i32.const(2), [
          to.set(target),
          end.set(i32.add(source, i32.mul(columns, i32.const(DOUBLE_BYTES)))),
          loop(from, source, end, i32.const(VECTOR_BYTES), [
            upper.set(v128.load(from)),
            lower.set(v128.load(i32.add(from, sourceStride))),
            v128.store(to, i8x16.shuffle(upper, lower, LOWER_HALVES)),
            to.set(i32.add(to, targetStride)),
            v128.store(to, i8x16.shuffle(upper, lower, UPPER_HALVES)),
            to.set(i32.add(to, targetStride)),
          ]),
          source.set(i32.add(source, i32.shl(sourceStride, i32.const(1)))),
          target.set(i32.add(target, i32.const(VECTOR_BYTES))),
        ]),
      ],
    };
  },
);

export const SPLINE_KERNELS: readonly Kernel[] = [
  prefilter,
  interpolate(2),
  interpolate(4),
  transpose,
];
