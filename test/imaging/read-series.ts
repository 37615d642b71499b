import { readInstance } from '../../src/imaging/index.ts';
import type { ParsedInstance } from '../../src/imaging/index.ts';
import { makeSeries } from '../support/dicom.ts';
import type { SeriesOptions } from '../support/dicom.ts';

/** The instances of a generated series, read back from their bytes. */
export function readSeries(options: SeriesOptions = {}): readonly ParsedInstance[] {
  return makeSeries(options).instances.map(({ bytes }) => readInstance(bytes));
}
