import { adaptersSEG } from '@cornerstonejs/adapters';
import { metaData } from '@cornerstonejs/core';
import type { ViewedSegmentation, ViewRequest } from './viewer.ts';

interface Loaded {
  readonly segMetadata: {
    readonly data: readonly (
      | {
          readonly SegmentNumber: number;
          readonly SegmentLabel: string;
          readonly RecommendedDisplayCIELabValue: readonly number[];
        }
      | undefined
    )[];
  };
  readonly labelMapImages: readonly (readonly {
    readonly voxelManager: { getScalarData(): ArrayLike<number> };
  }[])[];
}

type Load = (
  imageIds: readonly string[],
  segmentation: ArrayBuffer,
  metadata: { get: typeof moduleOf },
  options: object,
) => Promise<Loaded>;

let source: ViewRequest | null = null;

function imageIds(request: ViewRequest): string[] {
  return request.instances.map(
    (uid, slice) => `test:${uid}/frames/${request.frameNumbers[slice] ?? 1}`,
  );
}

/** What cornerstone's metadata providers would say of an image of the source. */
function moduleOf(type: string, imageId: string): unknown {
  if (source === null) return undefined;
  const slice = imageIds(source).indexOf(imageId);
  if (slice < 0) return undefined;
  const [row, column] = [source.orientation.slice(0, 3), source.orientation.slice(3)];
  const [between, rowSpacing, columnSpacing] = source.spacing;
  const position = source.positions[slice];
  const frame = source.frameNumbers[slice] ?? undefined;
  const modules: Readonly<Record<string, unknown>> = {
    imagePlaneModule: {
      rows: source.rows,
      columns: source.columns,
      rowCosines: row,
      columnCosines: column,
      imageOrientationPatient: source.orientation,
      imagePositionPatient: position,
      rowPixelSpacing: rowSpacing,
      columnPixelSpacing: columnSpacing,
      sliceThickness: between,
      frameOfReferenceUID: source.frameOfReference,
    },
    imagePixelModule: {
      bitsAllocated: 16,
      bitsStored: 16,
      highBit: 15,
      pixelRepresentation: 0,
      samplesPerPixel: 1,
      photometricInterpretation: 'MONOCHROME2',
      rows: source.rows,
      columns: source.columns,
    },
    generalSeriesModule: { seriesInstanceUID: source.series, studyInstanceUID: source.study },
    generalImageModule: { sopInstanceUID: source.instances[slice], frameNumber: frame },
    frameModule: { sopInstanceUID: source.instances[slice], frameNumber: frame },
    instance: {
      SOPInstanceUID: source.instances[slice],
      SeriesInstanceUID: source.series,
      StudyInstanceUID: source.study,
      FrameOfReferenceUID: source.frameOfReference,
      ImagePositionPatient: position,
      ImageOrientationPatient: source.orientation,
      Rows: source.rows,
      Columns: source.columns,
    },
  };
  return modules[type];
}

process.once('message', (request: ViewRequest) => {
  void view(request);
});

/** A failure ends the process with its stack on standard error. */
async function view(request: ViewRequest): Promise<void> {
  source = request;
  metaData.addProvider(moduleOf, 100);
  const adapter = adaptersSEG.Cornerstone3D.Segmentation as unknown as {
    readonly createLabelmapsFromDICOMBuffer: Load;
  };
  const file = new Uint8Array(request.segmentation).buffer;
  const loaded = await adapter.createLabelmapsFromDICOMBuffer(
    imageIds(request),
    file,
    { get: moduleOf },
    {},
  );
  const segments = loaded.segMetadata.data.flatMap((segment) =>
    segment === undefined ? [] : [segment],
  );
  const answer: ViewedSegmentation = {
    segments: segments.map(({ SegmentNumber, SegmentLabel }) => ({
      number: SegmentNumber,
      label: SegmentLabel,
    })),
    cielab: segments.map((segment) => segment.RecommendedDisplayCIELabValue),
    slices: (loaded.labelMapImages[0] ?? []).map(({ voxelManager }) =>
      Uint8Array.from(voxelManager.getScalarData()),
    ),
  };
  process.send?.(answer, () => process.exit(0));
}
