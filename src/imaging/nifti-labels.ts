import { refuse, type Affine, type Shape } from '../contracts/index.ts';
import { openNifti, type OpenNifti } from './nifti-read.ts';

/** A label file on the grid of its NIfTI header. */
export interface NiftiLabels {
  /** `table[value]` of every voxel, in the order of the file: [k, j, i], i fastest. */
  readonly voxels: Uint8Array;
  readonly shape: Shape;
  readonly affine: Affine;
  /** The file's own values that occur, ascending, background left out. */
  readonly values: readonly number[];
}

const LARGEST_LABEL = 0xffff;
/** Labels that went through scl_slope or 32-bit floats miss their whole number by less. */
const ROUNDING = 1e-3;

/**
 * Reads a NIfTI-1 label file without ever holding it as floating point numbers: one byte a voxel
 * besides the file itself.
 *
 * @param table what a label of the file becomes; labels beyond its end become 0.
 * @throws SitusError as `readNifti`, and NOT_LABELS for values that are no whole numbers from 0 to 65535.
 */
export function readNiftiLabels(bytes: Uint8Array, table: Uint8Array): NiftiLabels {
  const opened = openNifti(bytes);
  const seen = new Uint8Array(LARGEST_LABEL + 1);
  const voxels = new Uint8Array(opened.count);
  const whole = wholeNumbers(opened);
  if (whole === null) general(opened, table, voxels, seen);
  else {
    for (let i = 0; i < whole.length; i++) {
      const value = whole[i] ?? 0;
      if (value === 0) continue;
      if (value < 0) throw notLabels(value);
      seen[value] = 1;
      voxels[i] = table[value] ?? 0;
    }
  }
  const values: number[] = [];
  for (let value = 1; value <= LARGEST_LABEL; value++) if (seen[value] === 1) values.push(value);
  return { voxels, shape: opened.shape, affine: opened.affine, values };
}

/** The voxels as they lie in the file, where they are bytes or aligned 16-bit numbers of this machine's order. */
function wholeNumbers(opened: OpenNifti): Uint8Array | Int16Array | Uint16Array | null {
  const { file, header, start, count, slope, intercept } = opened;
  if (slope !== 1 || intercept !== 0) return null;
  if (header.dataType === 2) return file.subarray(start, start + count);
  const at = file.byteOffset + start;
  if (!header.little || at % 2 !== 0) return null;
  if (header.dataType === 4) return new Int16Array(file.buffer, at, count);
  return header.dataType === 512 ? new Uint16Array(file.buffer, at, count) : null;
}

function general(
  { file, header, start, count, type, slope, intercept }: OpenNifti,
  table: Uint8Array,
  voxels: Uint8Array,
  seen: Uint8Array,
): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let i = 0; i < count; i++) {
    const stored = type.read(view, start + i * type.bytes, header.little) * slope + intercept;
    const value = Math.round(stored);
    // Written so that NaN is refused too.
    if (!(Math.abs(stored - value) <= ROUNDING && value >= 0 && value <= LARGEST_LABEL)) {
      throw notLabels(stored);
    }
    if (value === 0) continue;
    seen[value] = 1;
    voxels[i] = table[value] ?? 0;
  }
}

function notLabels(value: number): Error {
  return refuse(
    'NOT_LABELS',
    `The NIfTI file holds the value ${value}; labels are whole numbers from 0 to ${LARGEST_LABEL}.`,
    'Choose the label file, not the image; one label file a case, with a number a structure.',
    { value: String(value) },
  );
}
