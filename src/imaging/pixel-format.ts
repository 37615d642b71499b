import type { DicomJson, SitusError } from '../contracts/index.ts';

import { elementOf, numberOf, textOf } from './elements.ts';
import { refuseSeries } from './refusal.ts';
import type { Place } from './refusal.ts';

/** How samples are stored (PS3.3 C.7.6.3). */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Pixel Padding Value as it is stored, with the sign of Pixel Representation; null when absent. */
  readonly padding: { readonly from: number; readonly to: number } | null;
}

export const MAX_FRAMES = 100_000;
/** 16 million pixels: four times the largest matrix of CT and MR. */
const MAX_PIXELS = 4096 * 4096;

/**
 * The pixel format of an image that Situs can use.
 *
 * @throws SitusError UNSUPPORTED_PIXEL_FORMAT naming the attribute: colour, MONOCHROME1, float, other
 *   depths; UNSUPPORTED_MODALITY_LUT a lookup table instead of slope and intercept.
 */
export function pixelFormatOf(dataset: DicomJson, place: Place): PixelFormat {
  const unsupported = (attribute: string, value: string | number | null): SitusError =>
    refuseSeries(
      'UNSUPPORTED_PIXEL_FORMAT',
      place,
      `${attribute} is ${value ?? 'missing'}, which Situs does not read.`,
      'Choose a series of original grey-scale images (MONOCHROME2, 8, 16 or 32 bits).',
      { attribute, value },
    );

  const photometric = textOf(dataset, 'PhotometricInterpretation');
  if (photometric !== 'MONOCHROME2') throw unsupported('PhotometricInterpretation', photometric);
  const samples = numberOf(dataset, 'SamplesPerPixel') ?? 1;
  if (samples !== 1) throw unsupported('SamplesPerPixel', samples);

  const rows = countOf(dataset, 'Rows');
  const columns = countOf(dataset, 'Columns');
  if (rows === null) throw unsupported('Rows', numberOf(dataset, 'Rows'));
  if (columns === null) throw unsupported('Columns', numberOf(dataset, 'Columns'));
  if (rows * columns > MAX_PIXELS) throw unsupported('Rows × Columns', `${rows} × ${columns}`);
  const frames = elementOf(dataset, 'NumberOfFrames') ? countOf(dataset, 'NumberOfFrames') : 1;
  if (frames === null || frames > MAX_FRAMES) {
    throw unsupported('NumberOfFrames', numberOf(dataset, 'NumberOfFrames'));
  }

  const bitsAllocated = numberOf(dataset, 'BitsAllocated');
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw unsupported('BitsAllocated', bitsAllocated);
  }
  const bitsStored = numberOf(dataset, 'BitsStored') ?? bitsAllocated;
  if (!Number.isInteger(bitsStored) || bitsStored < 1 || bitsStored > bitsAllocated) {
    throw unsupported('BitsStored', bitsStored);
  }
  const highBit = numberOf(dataset, 'HighBit') ?? bitsStored - 1;
  if (!Number.isInteger(highBit) || highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    throw unsupported('HighBit', highBit);
  }
  const representation = numberOf(dataset, 'PixelRepresentation') ?? 0;
  if (representation !== 0 && representation !== 1) {
    throw unsupported('PixelRepresentation', representation);
  }
  refuseModalityLut(dataset, place);
  const signed = representation === 1;
  const padding = paddingOf(dataset, bitsAllocated, signed);
  return { rows, columns, frames, bitsAllocated, bitsStored, highBit, signed, padding };
}

function countOf(dataset: DicomJson, keyword: string): number | null {
  const count = numberOf(dataset, keyword);
  return count !== null && Number.isInteger(count) && count > 0 ? count : null;
}

function refuseModalityLut(dataset: DicomJson, place: Place): void {
  const hasTable = (elementOf(dataset, 'ModalityLUTSequence')?.Value?.length ?? 0) > 0;
  if (!hasTable) return;
  throw refuseSeries(
    'UNSUPPORTED_MODALITY_LUT',
    place,
    'ModalityLUTSequence gives the values by a table instead of slope and intercept.',
    'Ask for the series with RescaleSlope and RescaleIntercept.',
    { attribute: 'ModalityLUTSequence' },
  );
}

/**
 * Pixel Padding Value and Range Limit (PS3.3 C.7.5.1.1.2) have the sign of Pixel Representation,
 * whatever VR they are written with: 63536 of a signed image is -2000.
 */
function paddingOf(
  dataset: DicomJson,
  bitsAllocated: number,
  signed: boolean,
): PixelFormat['padding'] {
  const value = numberOf(dataset, 'PixelPaddingValue');
  if (value === null || !Number.isInteger(value)) return null;
  const limit = numberOf(dataset, 'PixelPaddingRangeLimit');
  const first = withSign(value, bitsAllocated, signed);
  const last =
    limit === null || !Number.isInteger(limit) ? first : withSign(limit, bitsAllocated, signed);
  return { from: Math.min(first, last), to: Math.max(first, last) };
}

function withSign(value: number, bits: number, signed: boolean): number {
  const range = 2 ** bits;
  const unsigned = ((value % range) + range) % range;
  return signed && unsigned >= range / 2 ? unsigned - range : unsigned;
}
