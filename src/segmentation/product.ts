/** How many elements an array of this shape has. */
export function product(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}
