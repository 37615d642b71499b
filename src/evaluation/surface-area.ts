/**
 * The fourteen ways in which the eight corners of a cube can be inside or outside, up to turning,
 * mirroring and swapping inside with outside, and what the surface between them is made of: area
 * vectors of triangles (parallel ones added up) in eighths of a voxel face, without signs.
 *
 * The corner at (slice, row, column) offset (a, b, c), each 0 or 1, is bit 7 − (4a + 2b + c). The
 * values are those of Google DeepMind's `surface-distance` 0.1 (Nikolov et al. 2018,
 * arXiv:1809.04430), whose table of 256 codes is unchanged by all 48 symmetries of the cube.
 */
const CASES: readonly (readonly [
  code: number,
  vectors: readonly (readonly [number, number, number])[],
])[] = [
  [0b00000000, []],
  [0b00000001, [[1, 1, 1]]],
  [0b00000011, [[4, 4, 0]]],
  [0b00000110, [[2, 2, 2]]],
  [0b00000111, [[3, 3, 3], [4, 0, 0]]],
  [0b00001111, [[8, 0, 0]]],
  [0b00010110, [[3, 3, 3]]],
  [0b00010111, [[6, 6, 6]]],
  [0b00011000, [[2, 2, 2]]],
  [0b00011001, [[0, 4, 4], [1, 1, 1]]],
  [0b00011011, [[0, 2, 2], [2, 0, 2], [4, 4, 4]]],
  [0b00011110, [[4, 0, 0], [4, 4, 4]]],
  [0b00111100, [[8, 8, 0]]],
  [0b01101001, [[4, 4, 4]]],
]; // prettier-ignore

const AXIS_ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] as const; // prettier-ignore

/**
 * Area in mm² of the surface inside a cube of eight voxel centres, by its neighbour code (0 to 255).
 * @param spacing mm between voxels along slices, rows and columns.
 */
export function surfaceAreas(spacing: readonly [number, number, number]): Float64Array {
  const [s0, s1, s2] = spacing;
  const areas = new Float64Array(256);
  for (const [code, vectors] of CASES) {
    for (const order of AXIS_ORDERS) {
      const area = vectors.reduce((sum, vector) => {
        const turned = [0, 0, 0];
        order.forEach((to, from) => (turned[to] = (vector[from] ?? 0) / 8));
        const [a = 0, b = 0, c = 0] = turned;
        return sum + Math.hypot(a * s1 * s2, b * s0 * s2, c * s0 * s1);
      }, 0);
      for (let mirror = 0; mirror < 8; mirror += 1) {
        const turned = turn(code, order, mirror);
        areas[turned] = area;
        areas[255 - turned] = area;
      }
    }
  }
  return areas;
}

/** The code after its axes were put into another order and those set in `mirror` turned round. */
function turn(code: number, order: readonly number[], mirror: number): number {
  let turned = 0;
  for (let corner = 0; corner < 8; corner += 1) {
    if (((code >> (7 - corner)) & 1) === 0) continue;
    let to = 0;
    for (let axis = 0; axis < 3; axis += 1) {
      const side = ((corner >> (2 - axis)) & 1) ^ ((mirror >> axis) & 1);
      to |= side << (2 - (order[axis] ?? 0));
    }
    turned |= 1 << (7 - to);
  }
  return turned;
}
