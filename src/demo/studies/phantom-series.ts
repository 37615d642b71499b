import { makePhantom, type Phantom } from '../phantom/phantom.ts';
import { echoTimes } from '../phantom/contrast.ts';
import { takeScan, type Scan, type ScanOptions } from '../phantom/scan.ts';
import { studyIdentity, type StudyIdentity } from './identity.ts';
import { geHelical, geProtocol, gePulse } from './ge.ts';
import { seriesUid, writeSeries, type DicomFile, type SeriesPlan } from './series.ts';
import { echo, siemensProtocol } from './siemens.ts';

/** Voxel size of the phantoms that scans are taken of, mm. */
export const PHANTOM_SPACING = 2.5;

/** A scan as the series that a scanner would send. */
export interface PhantomSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly files: readonly DicomFile[];
  /** Voxels, affine and the true labels of the very same grid. */
  readonly scan: Scan;
}

export interface PhantomSeriesOptions extends ScanOptions {
  readonly seed: number;
  /** Voxel size of the phantom, mm; coarser is quicker. Default 2.5. */
  readonly phantomSpacing?: number;
}

const SUFFIX = { axial: 'tra', coronal: 'cor', sagittal: 'sag' } as const;
const PLANE = { axial: 'Ax', coronal: 'Cor', sagittal: 'Sag' } as const;

/** The plan of the dual echo, both echoes in one series, Siemens 2D FLASH. */
export function dualEchoPlan(scan: Scan, number: number, at: number): SeriesPlan {
  const te = echoTimes(scan.fieldStrength ?? 1.5);
  const name = `t1_fl2d_opp-in_${SUFFIX[scan.orientation]}_p2_bh`;
  const [, rows] = scan.shape;
  const stack = (image: Int16Array, time: number, n: number): SeriesPlan['stacks'][number] => ({
    grid: scan,
    voxels: image,
    attributes: echo(time, n, ['ORIGINAL', 'PRIMARY', 'M', 'ND', 'NORM']),
  });
  return {
    key: `dual echo ${scan.orientation}`,
    number,
    modality: 'MR',
    at,
    attributes: siemensProtocol({
      description: name,
      protocol: name,
      sequenceName: '*fl2d2',
      scanningSequence: 'GR',
      variant: ['SK', 'SP'],
      options: 'PFP',
      acquisition: '2D',
      tr: 140,
      flip: 70,
      echoTrain: 2,
      bandwidth: 420,
      spacing: scan.spacing[0],
      phaseSteps: rows,
    }),
    stacks: [
      stack(scan.images.opposed_phase ?? new Int16Array(0), te.opposed, 1),
      stack(scan.images.in_phase ?? new Int16Array(0), te.inPhase, 2),
    ],
  };
}

/** The plan of a single-shot T2, GE's SSFSE. */
export function singleShotPlan(scan: Scan, number: number, at: number): SeriesPlan {
  const name = `${PLANE[scan.orientation]} T2 SSFSE BH`;
  return {
    key: `single shot ${scan.orientation}`,
    number,
    modality: 'MR',
    at,
    attributes: geProtocol({
      description: name,
      protocol: 'ABDOMEN/LIVER 3T',
      sequenceName: '',
      scanningSequence: 'SE',
      variant: ['SS', 'SK'],
      options: ['FAST_GEMS', 'NPW', 'SS_GEMS', 'FILTERED_GEMS', 'ACC_GEMS'],
      acquisition: '2D',
      tr: 1200,
      flip: 90,
      echoTrain: 1,
      bandwidth: 651,
      spacing: scan.spacing[0],
      phaseSteps: 192,
    }),
    stacks: [
      {
        grid: scan,
        voxels: scan.images.haste ?? new Int16Array(0),
        attributes: echo(92.4, 1, ['ORIGINAL', 'PRIMARY', 'OTHER']),
        private: gePulse('ssfse'),
      },
    ],
    descending: scan.orientation === 'axial',
  };
}

/** Stored value −2000 after the intercept of −1024: what GE writes where nothing was measured. */
const UNMEASURED = -3024;

/** The image with everything outside the reconstruction circle marked as padding, as GE does. */
function outsideCirclePadded(image: Int16Array, scan: Scan): Int16Array {
  const [slices, rows, columns] = scan.shape;
  const out = image.slice();
  const radius = Math.min(rows, columns) / 2;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      if (Math.hypot(r - (rows - 1) / 2, c - (columns - 1) / 2) < radius) continue;
      for (let s = 0; s < slices; s++) out[(s * rows + r) * columns + c] = UNMEASURED;
    }
  return out;
}

/**
 * The plan of the portal venous body CT; off-axis orientations are reformats.
 * @param padded  mark what lies outside the reconstruction circle
 */
export function bodyCtPlan(scan: Scan, number: number, at: number, padded = false): SeriesPlan {
  const axial = scan.orientation === 'axial';
  const image = scan.images.ct ?? new Int16Array(0);
  return {
    key: `ct ${scan.orientation}`,
    number,
    modality: 'CT',
    at,
    attributes: geHelical(
      axial ? 'ABD PEL 5MM PORTAL VENOUS' : `${PLANE[scan.orientation].toUpperCase()} ABD 5MM`,
      axial ? 'STANDARD' : '',
      true,
    ),
    stacks: [
      {
        grid: scan,
        voxels: padded ? outsideCirclePadded(image, scan) : image,
        attributes: {
          ImageType: axial
            ? ['ORIGINAL', 'PRIMARY', 'AXIAL']
            : ['DERIVED', 'SECONDARY', 'REFORMATTED', 'AVERAGE'],
          SpacingBetweenSlices: String(scan.spacing[0]),
        },
      },
    ],
    descending: axial,
  };
}

const PLANS = { t1_dual_echo: dualEchoPlan, haste: singleShotPlan, ct: bodyCtPlan } as const;

/** The plan of a scan of any kind. */
export function planOf(scan: Scan, number: number, at: number): SeriesPlan {
  return PLANS[scan.kind](scan, number, at);
}

/** Writes the series of a plan and says where it went. */
export function written(
  identity: StudyIdentity,
  plan: SeriesPlan,
): { readonly seriesInstanceUid: string; readonly files: readonly DicomFile[] } {
  return { seriesInstanceUid: seriesUid(identity, plan.key), files: writeSeries(identity, plan) };
}

/**
 * One series of a phantom as DICOM files, with the truth on the same grid. For tests: a coarse phantom
 * (`phantomSpacing: 5`), few slices (`sliceSpacing`, `coverage`) and large pixels make it quick.
 */
export function phantomSeries(options: PhantomSeriesOptions): PhantomSeries {
  const phantom: Phantom = makePhantom(options.seed, options.phantomSpacing ?? PHANTOM_SPACING);
  const scan = takeScan(phantom, options);
  const identity = studyIdentity(options.seed, `series ${options.kind}`, phantom.sex, 'Abdomen');
  return {
    studyInstanceUid: identity.studyInstanceUid,
    frameOfReferenceUid: identity.frameOfReferenceUid,
    ...written(identity, planOf(scan, 3, 240)),
    scan,
  };
}
