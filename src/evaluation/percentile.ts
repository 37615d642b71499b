const BINS = 4096;
/** Shares closer than this are one: sums of areas in another order differ in their last digits. */
const ROUNDING = 1e-12;

/**
 * The distance below or at which `share` of the surface lies, every element weighing as much as its
 * area: the first distance, sorted, whose cumulated area reaches the share (`surface-distance`,
 * compute_robust_hausdorff). Sorts only the elements near the answer.
 *
 * @param areas mm² by neighbour code.
 */
export function surfacePercentile(
  distances: Float64Array,
  codes: Uint8Array,
  areas: Float64Array,
  share: number,
): number {
  let largest = 0;
  for (const distance of distances) if (distance > largest) largest = distance;
  if (largest === 0) return 0;
  const scale = (BINS - 1) / largest;
  const inBin = new Float64Array(BINS);
  let total = 0;
  distances.forEach((distance, element) => {
    const area = areas[codes[element] ?? 0] ?? 0;
    const bin = Math.floor(distance * scale);
    inBin[bin] = (inBin[bin] ?? 0) + area;
    total += area;
  });
  const wanted = (share - ROUNDING) * total;
  let before = 0;
  let bin = 0;
  while (bin < BINS - 1 && before + (inBin[bin] ?? 0) < wanted) {
    before += inBin[bin] ?? 0;
    bin += 1;
  }
  const candidates: (readonly [distance: number, area: number])[] = [];
  let zeroArea = 0;
  distances.forEach((distance, element) => {
    if (Math.floor(distance * scale) !== bin) return;
    const area = areas[codes[element] ?? 0] ?? 0;
    if (distance === 0) zeroArea += area;
    else candidates.push([distance, area]);
  });
  let reached = before + zeroArea;
  if (zeroArea > 0 && reached >= wanted) return 0;
  candidates.sort((a, b) => a[0] - b[0]);
  for (const [distance, area] of candidates) {
    reached += area;
    if (reached >= wanted) return distance;
  }
  return candidates.at(-1)?.[0] ?? largest;
}
