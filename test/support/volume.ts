import type {
  DicomJson,
  DicomJsonElement,
  Labels,
  SegmentationRun,
  SourceSlice,
  Volume,
  VolumeSource,
} from '../../src/contracts/index.ts';

type Vector = readonly [number, number, number];

export interface VolumeOptions {
  /** [slices, rows, columns] */
  readonly shape?: readonly [number, number, number];
  /** Millimetres between [slices, rows, columns]. */
  readonly spacing?: readonly [number, number, number];
  /** Direction of a row and of a column in LPS; made orthonormal. Oblique when left out. */
  readonly row?: Vector;
  readonly column?: Vector;
  readonly origin?: Vector;
  readonly modality?: 'CT' | 'MR';
  /** All slices are frames of one instance, these being their 1-based numbers. */
  readonly frameNumbers?: readonly number[];
  readonly unit?: Volume['unit'];
  readonly voxel?: (column: number, row: number, slice: number) => number;
  /** Changes to the source's data set, by tag; null removes an element. */
  readonly dataset?: Readonly<Record<string, DicomJsonElement | null>>;
  readonly source?: Partial<VolumeSource>;
}

const MR_STORAGE = '1.2.840.10008.5.1.4.1.1.4';
const ENHANCED_MR_STORAGE = '1.2.840.10008.5.1.4.1.1.4.1';
const CT_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const ROOT = '1.2.826.0.1.3680043.8.498.77';

/**
 * A volume as the imaging room would have read it: slices ascending along the normal, an affine in
 * LPS and a plausible source data set. Everything derives from the options, nothing is random.
 */
export function makeVolume(options: VolumeOptions = {}): Volume {
  const shape = options.shape ?? [6, 11, 13];
  const spacing = options.spacing ?? [3.3, 0.7734375, 0.8984375];
  const modality = options.modality ?? 'MR';
  const [row, column] = orthonormal(
    options.row ?? [0.98, 0.1, -0.17],
    options.column ?? [-0.08, 0.97, 0.22],
  );
  const normal = cross(row, column);
  const origin = options.origin ?? [-101.25, -87.5, 33.125];
  const [slices, rows, columns] = shape;
  const position = (slice: number): Vector => [
    origin[0] + normal[0] * slice * spacing[0],
    origin[1] + normal[1] * slice * spacing[0],
    origin[2] + normal[2] * slice * spacing[0],
  ];
  const voxels = new Float32Array(slices * rows * columns);
  for (let index = 0; index < voxels.length; index += 1) {
    const at = [
      index % columns,
      Math.floor(index / columns) % rows,
      Math.floor(index / (rows * columns)),
    ];
    voxels[index] = options.voxel?.(at[0] ?? 0, at[1] ?? 0, at[2] ?? 0) ?? (index * 7) % 211;
  }
  const enhanced = options.frameNumbers !== undefined;
  const sopClassUid = enhanced ? ENHANCED_MR_STORAGE : modality === 'CT' ? CT_STORAGE : MR_STORAGE;
  return {
    voxels,
    shape,
    affine: [
      row[0] * spacing[2], column[0] * spacing[1], normal[0] * spacing[0], origin[0],
      row[1] * spacing[2], column[1] * spacing[1], normal[1] * spacing[0], origin[1],
      row[2] * spacing[2], column[2] * spacing[1], normal[2] * spacing[0], origin[2],
      0, 0, 0, 1,
    ], // prettier-ignore
    spacing,
    padding: null,
    unit: options.unit ?? (modality === 'CT' ? 'HU' : 'arbitrary'),
    slices: Array.from({ length: slices }, (_, slice): SourceSlice => ({
      sopInstanceUid: enhanced ? `${ROOT}.3.1` : `${ROOT}.3.${slice + 1}`,
      sopClassUid,
      frameNumber: options.frameNumbers?.[slice] ?? null,
      imagePositionPatient: texts(position(slice)),
    })),
    source: {
      studyInstanceUid: `${ROOT}.1`,
      seriesInstanceUid: `${ROOT}.2`,
      frameOfReferenceUid: `${ROOT}.4`,
      stackId: 'all',
      modality,
      dataset: sourceDataset(modality, options.dataset ?? {}),
      imageOrientationPatient: [...texts(row), ...texts(column)],
      pixelSpacing: [digits(spacing[1]), digits(spacing[2])],
      sliceThickness: digits(spacing[0]),
      lossy: null,
      ...options.source,
    },
    warnings: [],
  };
}

export const TEST_RUN: SegmentationRun = {
  model: 'demo',
  modelVersion: '1.2',
  modelHash: '5f2c0a94d7b1',
  folds: [0],
  engine: 'onnxruntime',
  device: 'cpu',
  threads: 1,
  spacingMode: 'true',
  patches: 1,
  seconds: { total: 1 },
};

/** Labels on the grid of a volume, each voxel from a function of its place. */
export function makeLabels(
  volume: Volume,
  structures: Readonly<Record<number, string>>,
  label: (column: number, row: number, slice: number) => number,
): Labels {
  const [slices, rows, columns] = volume.shape;
  const voxels = new Uint8Array(slices * rows * columns);
  let index = 0;
  for (let slice = 0; slice < slices; slice += 1) {
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        voxels[index] = label(column, row, slice);
        index += 1;
      }
    }
  }
  return { voxels, shape: volume.shape, structures, run: TEST_RUN };
}

function sourceDataset(
  modality: 'CT' | 'MR',
  changes: Readonly<Record<string, DicomJsonElement | null>>,
): DicomJson {
  const plausible: Record<string, DicomJsonElement> = {
    '00080020': { vr: 'DA', Value: ['20240229'] },
    '00080030': { vr: 'TM', Value: ['101530.25'] },
    '00080050': { vr: 'SH', Value: ['A-4711'] },
    '00080060': { vr: 'CS', Value: [modality] },
    '00080070': { vr: 'LO', Value: ['Maker of Scanners'] },
    '00080090': { vr: 'PN', Value: [{ Alphabetic: 'Überweiser^Jörg' }] },
    '00080201': { vr: 'SH', Value: ['+0100'] },
    '00081030': { vr: 'LO', Value: ['Oberbauch nativ'] },
    '0008103E': { vr: 'LO', Value: ['t1_vibe_in_phase'] },
    '00081090': { vr: 'LO', Value: ['Scanner 3T'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Änne' }] },
    '00100020': { vr: 'LO', Value: ['P-000123'] },
    '00100030': { vr: 'DA', Value: ['19701224'] },
    '00100040': { vr: 'CS', Value: ['F'] },
    '00101010': { vr: 'AS', Value: ['053Y'] },
    '00101030': { vr: 'DS', Value: [71.5] },
    '00180050': { vr: 'DS', Value: [3] },
    '00181000': { vr: 'LO', Value: ['SN-77'] },
    '00181020': { vr: 'LO', Value: ['syngo X', 'patch 2'] },
    '00200010': { vr: 'SH', Value: ['4711'] },
    '00200011': { vr: 'IS', Value: [5] },
  };
  for (const [tag, element] of Object.entries(changes)) {
    if (element === null) delete plausible[tag];
    else plausible[tag] = element;
  }
  return plausible;
}

function orthonormal(row: Vector, column: Vector): [Vector, Vector] {
  const first = unit(row);
  const along = column[0] * first[0] + column[1] * first[1] + column[2] * first[2];
  return [
    first,
    unit([
      column[0] - along * first[0],
      column[1] - along * first[1],
      column[2] - along * first[2],
    ]),
  ];
}

function unit(vector: Vector): Vector {
  const length = Math.hypot(...vector);
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function texts(vector: Vector): [string, string, string] {
  return [digits(vector[0]), digits(vector[1]), digits(vector[2])];
}

/** A number as a scanner writes it: at most 16 characters. */
function digits(value: number): string {
  const text = String(Number(value.toPrecision(12)));
  return text.length <= 16 ? text : value.toExponential(8);
}
