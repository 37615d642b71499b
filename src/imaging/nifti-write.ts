import { gzipSync } from 'node:zlib';

import type { Affine, Shape } from '../contracts/index.ts';

import { quaternionOf } from './nifti-orientation.ts';

/** What can be written: a volume, or labels together with the affine of the volume they lie on. */
export interface NiftiImage {
  readonly voxels: Float32Array | Uint8Array;
  readonly shape: Shape;
  readonly affine: Affine;
}

const DATA_OFFSET = 352;
const MILLIMETRES = 2;
const SCANNER_ANATOMICAL = 1;

/**
 * A NIfTI-1 file on the grid of the image: labels as unsigned bytes, volumes as 32-bit floats, the
 * affine as sform and (being orthogonal) as qform, both scanner-anatomical.
 *
 * @param options.gzip writes `.nii.gz` bytes.
 */
export function writeNifti(image: NiftiImage, options: { readonly gzip?: boolean } = {}) {
  const isLabels = image.voxels instanceof Uint8Array;
  const width = isLabels ? 1 : 4;
  const file = new Uint8Array(DATA_OFFSET + image.voxels.length * width);
  writeHeader(new DataView(file.buffer), image, isLabels);
  if (image.voxels instanceof Uint8Array) file.set(image.voxels, DATA_OFFSET);
  else writeFloats(new DataView(file.buffer), image.voxels);
  return options.gzip === true ? new Uint8Array(gzipSync(file)) : file;
}

function writeHeader(view: DataView, { shape, affine }: NiftiImage, isLabels: boolean): void {
  const [slices, rows, columns] = shape;
  const ras = affine.slice(0, 12).map((value, i) => (i < 8 ? 0 - value : value));
  const at = (row: number, column: number) => ras[4 * row + column] ?? 0;
  const spacing = [0, 1, 2].map((column) =>
    Math.hypot(at(0, column), at(1, column), at(2, column)),
  );
  const directions = spacing.map((step, column) =>
    [0, 1, 2].map((row) => at(row, column) / (step || 1)),
  );
  const { quaternion, qfac } = quaternionOf(directions);
  view.setInt32(0, 348, true);
  view.setUint8(38, 'r'.charCodeAt(0));
  for (const [i, size] of [3, columns, rows, slices, 1, 1, 1, 1].entries()) {
    view.setInt16(40 + 2 * i, size, true);
  }
  view.setInt16(70, isLabels ? 2 : 16, true);
  view.setInt16(72, isLabels ? 8 : 32, true);
  for (const [i, value] of [qfac, ...spacing].entries()) view.setFloat32(76 + 4 * i, value, true);
  view.setFloat32(108, DATA_OFFSET, true);
  view.setFloat32(112, 1, true);
  view.setUint8(123, MILLIMETRES);
  view.setInt16(252, SCANNER_ANATOMICAL, true);
  view.setInt16(254, SCANNER_ANATOMICAL, true);
  const origin = [at(0, 3), at(1, 3), at(2, 3)];
  for (const [i, value] of [...quaternion, ...origin].entries()) {
    view.setFloat32(256 + 4 * i, value, true);
  }
  for (const [i, value] of ras.entries()) view.setFloat32(280 + 4 * i, value, true);
  for (const [i, character] of [...'n+1'].entries()) {
    view.setUint8(344 + i, character.charCodeAt(0));
  }
}

function writeFloats(view: DataView, voxels: Float32Array): void {
  for (let i = 0; i < voxels.length; i++) {
    view.setFloat32(DATA_OFFSET + 4 * i, voxels[i] ?? 0, true);
  }
}
