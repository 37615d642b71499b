import { parseArgs } from 'node:util';

/** What every area of the benchmarks is told. */
export interface BenchOptions {
  /** A Python that has the peers to compare with (nnunetv2 2.2.1, highdicom); null: nothing is compared. */
  readonly reference: string | null;
  /** The large cases too, which take long. */
  readonly full: boolean;
  /** Only cases whose name contains this. */
  readonly only: string | null;
}

export interface BenchCall extends BenchOptions {
  readonly areas: readonly string[];
}

/**
 * Reads `[AREA…] [--reference PYTHON] [--full] [--only TEXT]`.
 * @throws Error saying what is wrong
 */
export function readOptions(args: readonly string[], known: readonly string[]): BenchCall {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reference: { type: 'string' },
      full: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const unknown = positionals.find((area) => !known.includes(area));
  if (unknown !== undefined) {
    throw new Error(`There is no area "${unknown}"; known are ${known.join(', ')}.`);
  }
  return {
    areas: positionals.length === 0 ? known : positionals,
    reference: values.reference ?? null,
    full: values.full,
    only: values.only ?? null,
  };
}
