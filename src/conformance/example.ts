import type {
  DicomJson,
  DicomJsonElement,
  Labels,
  Structure,
  Volume,
  VolumeSource,
} from '../contracts/index.ts';
import { measure } from '../findings/index.ts';
import {
  COMPREHENSIVE_3D_SR_STORAGE,
  encodeCapture,
  encodeRejection,
  encodeSeg,
  encodeSr,
  resultIdentity,
  type ResultInput,
} from '../results/index.ts';

/** One of each kind of object that Situs writes, and what they were made from. */
export interface ExampleObjects {
  readonly volume: Volume;
  readonly binary: Uint8Array;
  readonly labelMap: Uint8Array;
  readonly report: Uint8Array;
  readonly rejection: Uint8Array;
  readonly capture: Uint8Array;
}

/** What differs between two examples: everything that comes from a source, a job or a node. */
interface Variant {
  readonly modality: 'CT' | 'MR';
  readonly sopClassUid: string;
  /** Below it are the UIDs of the source. */
  readonly root: string;
  readonly shape: readonly [number, number, number];
  readonly spacing: readonly [number, number, number];
  readonly tilt: number;
  readonly structures: readonly number[];
  readonly text: Readonly<Record<string, readonly [vr: string, value: string]>>;
  readonly run: number;
  readonly node: string;
  readonly software: string;
  readonly model: string;
  readonly time: string;
  readonly lossy: VolumeSource['lossy'];
}

/** (GGGGEEEE) of what the sources say of themselves; the texts are told apart by `mark`. */
function sourceText(mark: string, date: string, size: string): Variant['text'] {
  return {
    '00080020': ['DA', date],
    '00080030': ['TM', mark === 'CT' ? '101500' : '104500'],
    '00080050': ['SH', `A-${mark}`],
    '00080070': ['LO', `Maker ${mark}`],
    '00080090': ['PN', `Referrer^${mark}`],
    '00080201': ['SH', mark === 'CT' ? '+0100' : '-0500'],
    '00081030': ['LO', `Study ${mark}`],
    '0008103E': ['LO', `Series ${mark}`],
    '00081090': ['LO', `Scanner ${mark}`],
    '00100010': ['PN', `Patient^${mark}`],
    '00100020': ['LO', `P-${mark}`],
    '00100030': ['DA', `19${size}0101`],
    '00100040': ['CS', mark === 'CT' ? 'F' : 'M'],
    '00101010': ['AS', `0${size}Y`],
    '00101030': ['DS', size],
    '00181000': ['LO', `SN-${mark}`],
    '00181020': ['LO', `Scanner software ${mark}`],
    '00200010': ['SH', `S-${mark}`],
    '00200011': ['IS', size],
  };
}

/** Where the two agree, Situs writes the same whatever the source is. */
const VARIANTS: Readonly<Record<'ct' | 'mr', Variant>> = {
  ct: {
    modality: 'CT',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    root: '1.2.826.0.1.3680043.8.498.101',
    shape: [4, 16, 24],
    spacing: [5, 0.75, 0.8],
    tilt: 0,
    structures: [1, 2, 5],
    text: sourceText('CT', '20240105', '51'),
    run: 1,
    node: 'node-a',
    software: '1.0.0',
    model: 'abdomen-ct',
    time: '2024-01-05T10:00:00.250Z',
    lossy: { ratio: '12.5', method: 'ISO_10918_1' },
  },
  mr: {
    modality: 'MR',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
    root: '1.2.826.0.1.3680043.8.498.202',
    shape: [5, 32, 16],
    spacing: [4, 1.25, 1.5],
    tilt: 0.2,
    structures: [2, 3],
    text: sourceText('MR', '20240220', '62'),
    run: 3,
    node: 'node-b',
    software: '2.0.0',
    model: 'abdomen-mr',
    time: '2024-02-20T11:30:05.500Z',
    lossy: null,
  },
};

/**
 * A segmentation, a label map, a report, a rejection note and a secondary capture, each made from a small synthetic series
 * by the encoders that jobs use. The same bytes at every call.
 */
export function exampleObjects(
  name: keyof typeof VARIANTS,
  structures: readonly Structure[],
): ExampleObjects {
  const variant = VARIANTS[name];
  const volume = volumeOf(variant);
  const labels = labelsOf(variant, volume, structures);
  const input = inputOf(variant, volume, labels, structures);
  const binary = encodeSeg(input);
  const labelMap = encodeSeg({ ...input, encoding: 'LABELMAP' });
  const report = encodeSr({
    ...input,
    findings: measure(volume, labels, structures),
    segmentation: binary,
    predecessor: {
      studyInstanceUid: binary.studyInstanceUid,
      seriesInstanceUid: `${variant.root}.8`,
      sopClassUid: COMPREHENSIVE_3D_SR_STORAGE,
      sopInstanceUid: `${variant.root}.8.1`,
    },
  });
  const rejection = encodeRejection({
    dataset: volume.source?.dataset ?? {},
    studyInstanceUid: binary.studyInstanceUid,
    rejected: [binary, report],
    reason: 'quality',
    text: `Why results of ${variant.node} are withdrawn, in the words of whoever withdraws them`,
    equipment: input.equipment,
    node: variant.node,
    time: input.contentTime,
  });
  return {
    volume,
    binary: binary.bytes,
    labelMap: labelMap.bytes,
    report: report.bytes,
    rejection: rejection.bytes,
    capture: encodeCapture({ ...input, segmentation: binary }).bytes,
  };
}

/** Slices ascending along the normal; tilted about the x axis. */
function volumeOf(variant: Variant): Volume {
  const { shape, spacing, root, modality, tilt } = variant;
  const [slices, rows, columns] = shape;
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const digits = (value: number): string => String(Number(value.toFixed(6)));
  const place = (slice: number): readonly [number, number, number] => [
    -100,
    -90 - sin * spacing[0] * slice,
    30 + cos * spacing[0] * slice,
  ];
  return {
    voxels: Float32Array.from({ length: slices * rows * columns }, (_, index) => (index * 7) % 211),
    shape,
    affine: [
      spacing[2], 0, 0, -100,
      0, cos * spacing[1], -sin * spacing[0], -90,
      0, sin * spacing[1], cos * spacing[0], 30,
      0, 0, 0, 1,
    ], // prettier-ignore
    spacing,
    padding: null,
    unit: modality === 'CT' ? 'HU' : 'arbitrary',
    slices: Array.from({ length: slices }, (_, slice) => {
      const [x, y, z] = place(slice);
      return {
        sopInstanceUid: `${root}.3.${slice + 1}`,
        sopClassUid: variant.sopClassUid,
        frameNumber: null,
        imagePositionPatient: [digits(x), digits(y), digits(z)],
      } as const;
    }),
    source: {
      studyInstanceUid: `${root}.1`,
      seriesInstanceUid: `${root}.2`,
      frameOfReferenceUid: `${root}.4`,
      stackId: 'all',
      modality,
      dataset: dataSetOf(variant),
      imageOrientationPatient: ['1', '0', '0', '0', digits(cos), digits(sin)],
      pixelSpacing: [digits(spacing[1]), digits(spacing[2])],
      sliceThickness: digits(spacing[0] - 0.5),
      lossy: variant.lossy,
    },
    warnings: [],
  };
}

function dataSetOf({ text, modality }: Variant): DicomJson {
  const dataset: Record<string, DicomJsonElement> = {
    '00080060': { vr: 'CS', Value: [modality] },
  };
  for (const [tag, [vr, value]] of Object.entries(text)) {
    dataset[tag] = { vr, Value: [vr === 'PN' ? { Alphabetic: value } : value] };
  }
  return dataset;
}

/** Blocks of structures side by side; the first slice stays empty, as slices beyond organs do. */
function labelsOf(variant: Variant, volume: Volume, structures: readonly Structure[]): Labels {
  const [slices, rows, columns] = volume.shape;
  const present = variant.structures;
  const width = Math.floor(columns / (present.length + 1));
  const voxels = new Uint8Array(slices * rows * columns);
  for (let index = rows * columns; index < voxels.length; index += 1) {
    voxels[index] = present[Math.floor((index % columns) / width)] ?? 0;
  }
  return {
    voxels,
    shape: volume.shape,
    structures: Object.fromEntries(structures.map(({ index, name }) => [index, name])),
    run: {
      model: variant.model,
      modelVersion: variant.software,
      modelHash: `hash of ${variant.model}`,
      folds: [0],
      engine: 'onnxruntime',
      device: 'cpu',
      threads: 1,
      spacingMode: 'true',
      patches: 1,
      seconds: {},
    },
  };
}

function inputOf(
  variant: Variant,
  volume: Volume,
  labels: Labels,
  structures: readonly Structure[],
): ResultInput {
  const { node, software, model, run } = variant;
  return {
    volume,
    labels,
    structures,
    identity: resultIdentity(volume, labels.run, {
      content: model,
      run,
      instanceNumber: run,
      node,
    }),
    equipment: { manufacturer: 'Situs', model: 'Situs', serial: node, softwareVersion: software },
    algorithm: {
      name: model,
      version: software,
      manufacturer: `Maker of ${model}`,
      parameters: [`folds=${run}`],
    },
    contentTime: new Date(variant.time),
  };
}
