import { setImmediate as turn } from 'node:timers/promises';
import { makePhantom, type Phantom } from '../phantom/phantom.ts';
import { takeScan } from '../phantom/scan.ts';
import { studyIdentity, type StudyIdentity } from './identity.ts';
import { bodyCtPlan, dualEchoPlan, PHANTOM_SPACING, singleShotPlan } from './phantom-series.ts';
import {
  doseReport,
  geCompanions,
  scoutPlan,
  siemensCompanions,
  type ExpectedPlan,
} from './plans.ts';
import { seriesUid, writeSeries, type DicomFile } from './series.ts';

/** What the node should make of a series of a sample study. */
export interface ExpectedSeries {
  readonly seriesInstanceUid: string;
  readonly description: string;
  /** Sequence in the words of `config/sequences.yaml`. */
  readonly sequence: string;
  /** True when the series holds something to segment. */
  readonly target: boolean;
  readonly instances: number;
}

/** A study to load into an archive. */
export interface SampleStudy {
  readonly name: string;
  readonly studyInstanceUid: string;
  readonly patientName: string;
  readonly files: readonly DicomFile[];
  readonly expected: readonly ExpectedSeries[];
}

interface Recipe {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  plans(phantom: Phantom): ExpectedPlan[];
  reports?(identity: StudyIdentity, seed: number): DicomFile;
}

const RECIPES: readonly Recipe[] = [
  {
    key: 'mr-t1',
    name: 'MR, T1 dual echo (Siemens 1.5 T)',
    description: 'MRT Oberbauch',
    plans(phantom) {
      const [loc, ...others] = siemensCompanions(phantom, 1.5);
      const dual = takeScan(phantom, { kind: 't1_dual_echo', fieldStrength: 1.5, tilt: [2, 0, 0] });
      const target = { sequence: 't1_in_phase', plan: dualEchoPlan(dual, 3, 240) };
      return [...(loc === undefined ? [] : [loc]), target, ...others];
    },
  },
  {
    key: 'mr-haste',
    name: 'MR, single-shot T2 (GE 3 T)',
    description: 'MRI LIVER WITHOUT CONTRAST',
    plans(phantom) {
      const [loc, ...others] = geCompanions(phantom, 3);
      const axial = takeScan(phantom, { kind: 'haste', fieldStrength: 3 });
      const coronal = takeScan(phantom, {
        kind: 'haste',
        fieldStrength: 3,
        orientation: 'coronal',
        sliceSpacing: 8,
      });
      return [
        ...(loc === undefined ? [] : [loc]),
        { sequence: 'haste', plan: singleShotPlan(coronal, 2, 120) },
        { sequence: 'haste', plan: singleShotPlan(axial, 3, 240) },
        ...others,
      ];
    },
  },
  {
    key: 'ct',
    name: 'CT, portal venous (GE)',
    description: 'CT ABDOMEN PELVIS W CONTRAST',
    plans(phantom) {
      const axial = takeScan(phantom, { kind: 'ct' });
      const coronal = takeScan(phantom, { kind: 'ct', orientation: 'coronal', pixel: 3 });
      return [
        scoutPlan(phantom),
        { sequence: 'ct_abdomen', plan: bodyCtPlan(axial, 2, 180, true) },
        { sequence: 'ct_reformat', plan: bodyCtPlan(coronal, 602, 420) },
      ];
    },
    reports: doseReport,
  },
];

const TARGETS = new Set(['t1_in_phase', 'haste', 'ct_abdomen']);

/**
 * The sample studies of the demo: an MR with both T1 echoes in one series, an MR with single-shot T2,
 * a CT; each with the companions that must be left alone. The same seed makes the same bytes.
 * @param options.phantomSpacing  voxel size of the phantoms, mm; coarser is quicker. Default 2.5
 */
export async function* sampleStudies(
  seed: number,
  options: { readonly phantomSpacing?: number } = {},
): AsyncGenerator<SampleStudy> {
  for (const [i, recipe] of RECIPES.entries()) {
    const phantom = makePhantom(seed + i, options.phantomSpacing ?? PHANTOM_SPACING);
    const identity = studyIdentity(seed, recipe.key, phantom.sex, recipe.description);
    const files: DicomFile[] = [];
    const expected: ExpectedSeries[] = [];
    for (const { plan, sequence } of recipe.plans(phantom)) {
      const written = writeSeries(identity, plan);
      files.push(...written);
      const description = plan.attributes['SeriesDescription'];
      expected.push({
        seriesInstanceUid: seriesUid(identity, plan.key),
        description: typeof description === 'string' ? description : '',
        sequence,
        target: TARGETS.has(sequence),
        instances: written.length,
      });
      // Others on this thread (a server that starts, a page) get their turn.
      await turn();
    }
    if (recipe.reports !== undefined) {
      files.push(recipe.reports(identity, seed));
      expected.push({
        seriesInstanceUid: seriesUid(identity, 'dose report'),
        description: 'Dose Report',
        sequence: 'ct_derived',
        target: false,
        instances: 1,
      });
    }
    yield {
      name: recipe.name,
      studyInstanceUid: identity.studyInstanceUid,
      patientName: identity.patientName,
      files,
      expected,
    };
  }
}
