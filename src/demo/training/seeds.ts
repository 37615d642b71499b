/** Sixty phantoms that training never draws (it takes 1000 to 1159, and 9000 to 9011 to check). */
export const SEEDS = '9500-9559';

/** @throws Error for anything but FIRST-LAST or one number. */
export function seedsOf(range: string): number[] {
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  if (!Number.isInteger(first) || !Number.isInteger(last) || last < first) {
    throw new Error(`"${range}" is no range of seeds such as ${SEEDS}`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
