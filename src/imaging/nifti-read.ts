import { gunzipSync } from 'node:zlib';

import { refuse } from '../contracts/index.ts';
import type { Volume } from '../contracts/index.ts';

import { niftiAffine } from './nifti-orientation.ts';

export interface NiftiOptions {
  /** What the values mean; a NIfTI file does not say. Default arbitrary. */
  readonly unit?: 'HU' | 'arbitrary';
}

const HEADER_BYTES = 348;
const MAX_VOXELS = 2 ** 29;
/** Header, extensions and 2^29 voxels of 8 bytes. */
const MAX_INFLATED_BYTES = 2 ** 32;

type ReadValue = (view: DataView, offset: number, little: boolean) => number;

/** NIfTI-1 data types that are single numbers (nifti1.h). */
const DATA_TYPES: Readonly<Record<number, { readonly bytes: number; readonly read: ReadValue }>> = {
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  4: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  8: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  16: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  256: { bytes: 1, read: (view, at) => view.getInt8(at) },
  512: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  768: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  1024: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  1280: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

/** Millimetres of xyzt_units; unknown units are taken for millimetres. */
const UNITS: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };

/**
 * Reads a NIfTI-1 volume (`.nii` or `.nii.gz`, either byte order) as ITK does: directions from sform
 * or qform, spacing from pixdim, values scaled by scl_slope and scl_inter.
 *
 * The array keeps the order of the file: shape is [k, j, i], and slices descend along the normal when
 * the file's axes are left-handed. `slices` is empty and `source` null.
 *
 * @throws SitusError NOT_NIFTI, UNSUPPORTED_NIFTI, TRUNCATED_FILE, INVALID_NIFTI, VOLUME_TOO_LARGE,
 *   NON_FINITE_VOXELS.
 */
export function readNifti(bytes: Uint8Array, options: NiftiOptions = {}): Volume {
  const opened = openNifti(bytes);
  return {
    voxels: readVoxels(opened),
    shape: opened.shape,
    affine: opened.affine,
    spacing: opened.spacing,
    padding: null,
    unit: options.unit ?? 'arbitrary',
    slices: [],
    source: null,
    warnings: [],
  };
}

/** A NIfTI-1 file whose header was read and whose voxels are all there. */
export interface OpenNifti extends Pick<Volume, 'shape' | 'affine' | 'spacing'> {
  /** Inflated. */
  readonly file: Uint8Array;
  readonly header: Header;
  readonly start: number;
  readonly count: number;
  readonly type: { readonly bytes: number; readonly read: ReadValue };
  readonly slope: number;
  readonly intercept: number;
}

/** @throws SitusError as `readNifti`, but for NON_FINITE_VOXELS. */
export function openNifti(bytes: Uint8Array): OpenNifti {
  const file = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes) : bytes;
  const header = readHeader(file);
  const { columns, rows, slices } = header;
  const unit = UNITS[header.units & 7] ?? 1;
  const affine = niftiAffine(header, unit);
  if (affine === null || !affine.every(Number.isFinite)) {
    throw refuse(
      'INVALID_NIFTI',
      'The axes of the NIfTI file are not at right angles (sform is skewed and there is no qform).',
      'Resample the image to a grid with orthogonal axes.',
      { attribute: 'srow_x, srow_y, srow_z' },
    );
  }
  const [x, y, z] = header.spacing;
  return {
    file,
    header,
    shape: [slices, rows, columns],
    affine,
    spacing: [z * unit, y * unit, x * unit],
    ...voxelsOf(file, header),
  };
}

type Header = ReturnType<typeof readHeader>;

function readHeader(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const size = file.length >= HEADER_BYTES + 4 ? view.getInt32(0, true) : 0;
  const little = size === HEADER_BYTES || size === 540;
  const magic = String.fromCharCode(...file.subarray(344, 347));
  if (size === 540 || size === 0x1c020000) {
    throw unsupported('sizeof_hdr', 'NIfTI-2', 'Convert it to NIfTI-1.');
  }
  if (magic === 'ni1') {
    throw unsupported(
      'magic',
      'a pair of .hdr and .img files',
      'Convert it to a single .nii file.',
    );
  }
  if ((size !== HEADER_BYTES && size !== 0x5c010000) || magic !== 'n+1') {
    throw refuse(
      'NOT_NIFTI',
      'The file is no NIfTI-1 file: its header has neither the size nor the mark of one.',
      'Choose a .nii or .nii.gz file, or a folder of DICOM files.',
      { bytes: file.length },
    );
  }
  const short = (at: number) => view.getInt16(at, little);
  const float = (at: number) => view.getFloat32(at, little);
  const dimensions = short(40);
  const sizes = [1, 2, 3, 4, 5, 6, 7].map((i) => (i <= dimensions ? short(40 + 2 * i) : 1));
  const [columns = 0, rows = 0, slices = 0, ...rest] = sizes;
  if (dimensions < 3 || dimensions > 7 || rest.some((count) => count !== 1)) {
    throw unsupported(
      'dim',
      `an image of ${sizes.slice(0, Math.max(0, dimensions)).join(' × ')}`,
      'Choose a three-dimensional image.',
    );
  }
  if (columns < 1 || rows < 1 || slices < 1) throw invalid('dim', sizes.slice(0, 3).join(' × '));
  if (columns * rows * slices > MAX_VOXELS) {
    throw refuse(
      'VOLUME_TOO_LARGE',
      `The NIfTI file has ${columns * rows * slices} voxels; the limit is ${MAX_VOXELS}.`,
      'Crop or resample the image.',
      { voxels: columns * rows * slices, maximum: MAX_VOXELS },
    );
  }
  const spacing = [Math.abs(float(80)), Math.abs(float(84)), Math.abs(float(88))] as const;
  if (!spacing.every((step) => Number.isFinite(step) && step > 0)) {
    throw invalid('pixdim', spacing.join(' × '));
  }
  return {
    little,
    columns,
    rows,
    slices,
    spacing,
    qfac: float(76),
    dataType: short(70),
    dataOffset: float(108),
    slope: float(112),
    intercept: float(116),
    units: view.getUint8(123),
    qformCode: short(252),
    sformCode: short(254),
    quaternion: [float(256), float(260), float(264)] as const,
    offset: [float(268), float(272), float(276)] as const,
    sform: Array.from({ length: 12 }, (_, i) => float(280 + 4 * i)),
  };
}

/** Where the voxels are and how they are stored. */
function voxelsOf(file: Uint8Array, header: Header) {
  const type = DATA_TYPES[header.dataType];
  if (type === undefined) {
    throw unsupported('datatype', `data type ${header.dataType}`, 'Convert it to single numbers.');
  }
  const count = header.columns * header.rows * header.slices;
  const start = header.dataOffset;
  if (!Number.isInteger(start) || start < HEADER_BYTES + 4) throw invalid('vox_offset', `${start}`);
  if (start + count * type.bytes > file.length) {
    throw refuse(
      'TRUNCATED_FILE',
      `The NIfTI file ends too early: ${count * type.bytes} bytes of voxels announced, ${Math.max(0, file.length - start)} there.`,
      'Copy or convert the file again.',
      { announced: count * type.bytes, there: Math.max(0, file.length - start) },
    );
  }
  // ITK takes a slope of 0 for 1 and still adds the intercept.
  const scaled = Number.isFinite(header.slope) && Number.isFinite(header.intercept);
  return {
    start,
    count,
    type,
    slope: scaled ? header.slope || 1 : 1,
    intercept: scaled ? header.intercept : 0,
  };
}

function readVoxels({
  file,
  header,
  start,
  count,
  type,
  slope,
  intercept,
}: OpenNifti): Float32Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const voxels = new Float32Array(count);
  let finite = true;
  for (let i = 0; i < count; i++) {
    const value = type.read(view, start + i * type.bytes, header.little) * slope + intercept;
    voxels[i] = value;
    finite &&= Number.isFinite(value);
  }
  if (!finite) {
    throw refuse(
      'NON_FINITE_VOXELS',
      'The NIfTI file holds values that are no finite numbers.',
      'Replace them, for instance by 0, before segmenting.',
    );
  }
  return voxels;
}

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (error) {
    throw refuse(
      'TRUNCATED_FILE',
      'The compressed file cannot be inflated: it is cut, damaged or too large.',
      'Copy or compress the file again.',
      { bytes: bytes.length },
      error,
    );
  }
}

function unsupported(attribute: string, what: string, next: string) {
  return refuse('UNSUPPORTED_NIFTI', `The file is ${what}, which Situs does not read.`, next, {
    attribute,
  });
}

function invalid(attribute: string, value: string) {
  return refuse(
    'INVALID_NIFTI',
    `${attribute} of the NIfTI header is ${value}.`,
    'Convert the file again; its header is damaged.',
    { attribute },
  );
}
