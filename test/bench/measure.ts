export interface Measurement {
  readonly what: string;
  /** Of every run, in order. */
  readonly seconds: readonly number[];
  readonly median: number;
  readonly [figure: string]: unknown;
}

/** Runs `work` once to warm up and then `runs` times; wall-clock seconds of each. */
export function measure(
  what: string,
  runs: number,
  work: () => void,
  figures: (median: number) => Readonly<Record<string, unknown>> = () => ({}),
): Measurement {
  work();
  const seconds: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    work();
    seconds.push((performance.now() - started) / 1000);
  }
  const median = medianOf(seconds);
  return { what, seconds, median, ...figures(median) };
}

/** The middle one; of an even number the upper. */
export function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
