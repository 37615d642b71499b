import type { Surface } from './surface.ts';

/** What the elements of one surface are and how far they lie from another one. */
export interface SurfaceDistances {
  /** Millimetres to the closest element of the other surface. */
  readonly distances: Float64Array;
  /** Neighbour codes of the same elements, in the same order. */
  readonly codes: Uint8Array;
}

const NONE = 0xffff;

/**
 * Exact Euclidean distances from every element of `from` to the closest element of `to`, which lie on
 * the same lattice: the separable lower envelope of parabolas (Felzenszwalb & Huttenlocher 2012) with
 * anisotropic spacing. The first pass runs along slices and is kept as whole steps in 16 bits; the
 * other two need one plane at a time, and only planes and lines that hold elements of `from` that are
 * not elements of `to`. Memory: 2 bytes a lattice point and a few planes.
 *
 * Squares are added in the order slices, rows, columns, as SciPy's distance transform adds them, so
 * that distances compare equal to a tolerance where SciPy's do.
 *
 * @param spacing mm between lattice points along slices, rows and columns.
 */
export function distancesBetween(
  from: Surface,
  to: Surface,
  spacing: readonly [number, number, number],
): SurfaceDistances {
  const [slices, height, width] = from.shape;
  const plane = height * width;
  const distances = new Float64Array(from.elements);
  const codes = new Uint8Array(from.elements);
  const steps = sliceSteps(to);
  const squares = new Float64Array(plane);
  const rowEnvelope = createEnvelope(height, spacing[1]);
  const columnEnvelope = createEnvelope(width, spacing[2]);
  const line = new Float64Array(height);
  const alongRows = new Float64Array(height);
  let element = 0;
  for (let slice = 0; slice < slices; slice += 1) {
    if (from.perSlice[slice] === 0) continue;
    const start = slice * plane;
    const far = new Uint8Array(height);
    let anyFar = false;
    let counted = element;
    for (let row = 0, point = start; row < height; row += 1) {
      for (let column = 0; column < width; column += 1, point += 1) {
        const code = from.codes[point] ?? 0;
        if (code === 0 || code === 255) continue;
        codes[counted] = code;
        counted += 1;
        if (steps[point] !== 0) {
          far[row] = 1;
          anyFar = true;
        }
      }
    }
    if (!anyFar) {
      element = counted;
      continue;
    }
    for (let column = 0; column < width; column += 1) {
      for (let row = 0, point = start + column; row < height; row += 1, point += width) {
        const step = steps[point] ?? NONE;
        line[row] = step === NONE ? Infinity : (step * spacing[0]) ** 2;
      }
      rowEnvelope.build(line, 0);
      rowEnvelope.values(alongRows);
      for (let row = 0, point = column; row < height; row += 1, point += width) {
        squares[point] = alongRows[row] ?? Infinity;
      }
    }
    for (let row = 0; row < height; row += 1) {
      const lineStart = row * width;
      const isFar = far[row] === 1;
      if (isFar) columnEnvelope.build(squares, lineStart);
      for (let column = 0; column < width; column += 1) {
        const code = from.codes[start + lineStart + column] ?? 0;
        if (code === 0 || code === 255) continue;
        distances[element] = isFar ? Math.sqrt(columnEnvelope.at(column)) : 0;
        element += 1;
      }
    }
  }
  return { distances, codes };
}

/** Slices from every lattice point to the closest element in the same place of another slice. */
function sliceSteps({ codes, shape, perSlice }: Surface): Uint16Array {
  const plane = shape[1] * shape[2];
  const steps = new Uint16Array(codes.length);
  for (let slice = 0; slice < shape[0]; slice += 1) {
    const start = slice * plane;
    const empty = perSlice[slice] === 0;
    for (let point = start; point < start + plane; point += 1) {
      const code = empty ? 0 : (codes[point] ?? 0);
      if (code !== 0 && code !== 255) continue;
      const before = slice === 0 ? NONE : (steps[point - plane] ?? NONE);
      steps[point] = before === NONE ? NONE : before + 1;
    }
  }
  for (let point = (shape[0] - 1) * plane - 1; point >= 0; point -= 1) {
    const after = steps[point + plane] ?? NONE;
    if (after < (steps[point] ?? NONE) - 1) steps[point] = after + 1;
  }
  return steps;
}

/** Lower envelope of the parabolas height[i] + ((x − i) · spacing)² over a line. */
interface Envelope {
  /** Takes the heights from `heights[start…]`; infinite ones are no parabolas. */
  build(heights: Float64Array, start: number): void;
  /** The envelope at one place; places must be asked for in ascending order after `build`. */
  at(place: number): number;
  /** The envelope at every place of the line. */
  values(to: Float64Array): void;
}

function createEnvelope(length: number, spacing: number): Envelope {
  const places = new Int32Array(length);
  const heights = new Float64Array(length);
  const lefts = new Float64Array(length + 1);
  const scale = 1 / (spacing * spacing);
  let count = 0;
  let current = 0;

  const at = (place: number): number => {
    if (count === 0) return Infinity;
    while (current < count - 1 && (lefts[current + 1] ?? Infinity) < place) current += 1;
    const away = (place - (places[current] ?? 0)) * spacing;
    return (heights[current] ?? 0) + away * away;
  };

  return {
    build(from, start) {
      count = 0;
      current = 0;
      for (let place = 0; place < length; place += 1) {
        const height = from[start + place] ?? Infinity;
        if (height === Infinity) continue;
        const apex = height * scale + place * place;
        let left = -Infinity;
        while (count > 0) {
          const other = places[count - 1] ?? 0;
          const otherApex = (heights[count - 1] ?? 0) * scale + other * other;
          left = (apex - otherApex) / (2 * (place - other));
          if (left > (lefts[count - 1] ?? -Infinity)) break;
          count -= 1;
        }
        if (count === 0) left = -Infinity;
        places[count] = place;
        heights[count] = height;
        lefts[count] = left;
        count += 1;
      }
    },
    at,
    values(to) {
      for (let place = 0; place < length; place += 1) to[place] = at(place);
    },
  };
}
