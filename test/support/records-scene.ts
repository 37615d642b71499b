import {
  SitusError,
  refuse,
  type Actor,
  type Evidence,
  type StudyListing,
} from '../../src/contracts/index.ts';
import type { Claim, JobRef, Records } from '../../src/records/index.ts';
import {
  SERVICE,
  claimed,
  headersOf,
  jobsOf,
  labels,
  plan,
  queue,
  revisionOf,
  sql,
  stored,
  uid,
} from '../records/fixtures.ts';
import { sceneCard } from './model-card.ts';
import { imaged, type Imaged } from './scene-images.ts';

/** Study Instance UIDs of a clinic's morning. */
export interface Scene {
  /** MR, in-phase and HASTE stored, the other series left alone. */
  readonly stored: string;
  /** CT, held by the gate: left and right are mixed up. */
  readonly held: string;
  /** MR, failed to segment; the archive was away at the first attempt to fetch. */
  readonly failed: string;
  /** MR, segmenting. */
  readonly running: string;
  /** Id of a job with findings and a picture. */
  readonly pictured: string;
}

interface SeriesOfScene {
  readonly number: string;
  readonly description: string;
  readonly sequence: string;
  readonly instances: number;
  readonly taken?: boolean;
  readonly reason: string;
  readonly evidence?: readonly Evidence[];
}

export const PATIENT = { name: 'Przykładowa^Zofia', id: 'PID-4711', accession: 'A-2026-0815' };
const MODEL = { modelVersion: '0.1.0', modelHash: '5e0b1c22d5f7a9'.padEnd(64, '3') };
const RULES: Readonly<Record<string, string>> = {
  t1_in_phase: 'abdominal MR, T1 in-phase',
  haste: 'abdominal MR, T2 HASTE',
  ct_abdomen: 'abdominal CT',
};

const LOCALIZER: SeriesOfScene = {
  number: '1',
  description: 'localizer',
  sequence: 'localizer',
  instances: 9,
  reason: 'localizer (97 %): the description says localizer; its slices lie in three planes',
};
const IN_PHASE: SeriesOfScene = {
  number: '6',
  description: 't1_fl2d_opp-in_tra_p2_bh',
  sequence: 't1_in_phase',
  instances: 80,
  taken: true,
  reason: 't1_in_phase (96 %): the echo time is in phase at 1.5 T; gradient echo; T1 weighting',
  evidence: [
    evidence('t1_in_phase', 4, 'EchoTime', '4.76', 'the echo time is in phase at 1.5 T'),
    evidence('t1_in_phase', 2, 'ScanningSequence', 'GR', 'it is a gradient echo'),
    evidence('t1_in_phase', 2, 'RepetitionTime', '140', 'the timing gives T1 weighting'),
    evidence('t1_opposed_phase', -4, 'EchoTime', '4.76', 'water and fat do not oppose each other'),
  ],
};
const HASTE: SeriesOfScene = {
  number: '4',
  description: 't2_haste_tra_p2_mbh',
  sequence: 'haste',
  instances: 40,
  taken: true,
  reason: 'haste (98 %): the description says HASTE; a single-shot spin echo',
  evidence: [
    evidence('haste', 5, 'SeriesDescription', 't2_haste_tra_p2_mbh', 'the description says HASTE'),
    evidence('haste', 3, 'SequenceVariant', 'SK\\SP', 'a single-shot spin echo'),
  ],
};
const DIFFUSION: SeriesOfScene = {
  number: '8',
  description: 'ep2d_diff_b50_400_800_tra',
  sequence: 'dwi',
  instances: 120,
  reason: 'dwi (99 %): the description says diffusion; echo planar imaging',
};
const CT: SeriesOfScene = {
  number: '3',
  description: 'Abdomen portalvenös 5.0 I30f',
  sequence: 'ct_abdomen',
  instances: 92,
  taken: true,
  reason: 'ct_abdomen (95 %): soft kernel; the slices cover liver and kidneys',
  evidence: [
    evidence('ct_abdomen', 3, 'ConvolutionKernel', 'I30f', 'the kernel is a soft one'),
    evidence('ct_abdomen', 3, 'coverage', '460 mm', 'the slices cover liver and kidneys'),
  ],
};
const TOPOGRAM: SeriesOfScene = {
  number: '1',
  description: 'Topogramm 0.6 T20f',
  sequence: 'localizer',
  instances: 1,
  reason: 'localizer (99 %): the image type says LOCALIZER',
};

/**
 * Fills the record as a node would have, through its door.
 *
 * @param body what the picture and the findings are made of: boxes for tests, a phantom, which takes
 *   much longer, for people to look at.
 */
export async function fillScene(
  records: Records,
  body: 'boxes' | 'phantom' = 'boxes',
): Promise<Scene> {
  const ct = imaged('ct', body);
  const mr = imaged('t1_dual_echo', body);
  await records.models.register(SERVICE, await sceneCard(body, MODEL));

  await waiting(records);
  const older = await decide(records, 'CT Abdomen/Becken KM', 'CT', [TOPOGRAM, CT]);
  await finish(records, older.jobs[0], ct);
  await decide(records, 'MR Knie links', 'MR', [
    LOCALIZER,
    { ...HASTE, description: 'pd_tse_fs_cor', sequence: 'unknown', taken: false, reason: 'unknown: nothing speaks for an abdomen', evidence: [] },
  ]); // prettier-ignore
  const partly = await decide(records, 'MR Oberbauch nativ', 'MR', [LOCALIZER, HASTE, IN_PHASE]);
  await finish(records, partly.jobs[0], mr);
  await refused(records, partly.jobs[1]);
  const failed = await decide(records, 'MR Leber Primovist', 'MR', [LOCALIZER, IN_PHASE]);
  await fails(records, failed.jobs[0]);
  const held = await decide(records, 'CT Abdomen portalvenös', 'CT', [TOPOGRAM, CT]);
  await holds(records, held.jobs[0], ct);
  const main = await decide(records, 'MR Abdomen nativ', 'MR', [
    LOCALIZER,
    HASTE,
    IN_PHASE,
    DIFFUSION,
  ]);
  for (const job of main.jobs) await finish(records, job, mr);
  const running = await decide(records, 'MR Oberbauch', 'MR', [LOCALIZER, HASTE]);
  await runs(records, running.jobs[0]);
  return {
    stored: main.uid,
    held: held.uid,
    failed: failed.uid,
    running: running.uid,
    pictured: given(main.jobs[0]).id,
  };
}

/** Spreads what the record stamped within a second over a morning, for pictures of the page. */
export async function spreadTimes(url: string): Promise<void> {
  await sql(
    url,
    `UPDATE job_step SET seconds = (ARRAY[6.2, 94.5, 1.3, 0.8, 2.1, 1.7])[
       array_position(ARRAY['fetch','segment','measure','encode','store','verify'], step)]
     WHERE state = 'done'`,
  );
  await sql(
    url,
    `UPDATE study SET observed_at = now() - (9 - id) * interval '11 minutes 17 seconds',
       decided_at = decided_at - (9 - id) * interval '11 minutes' ,
       updated_at = now() - (9 - id) * interval '10 minutes'`,
  );
}

function evidence(
  sequence: string,
  weight: number,
  attribute: string,
  value: string,
  text: string,
): Evidence {
  return { sequence, weight, attribute, value, rule: text, text };
}

function listingOf(
  description: string,
  modality: string,
  some: readonly SeriesOfScene[],
): StudyListing {
  return {
    archive: 'main',
    studyInstanceUid: uid(),
    studyDate: '20260301',
    studyDescription: description,
    modalities: [modality],
    attributes: {
      '00100010': { vr: 'PN', Value: [{ Alphabetic: PATIENT.name }] },
      '00100020': { vr: 'LO', Value: [PATIENT.id] },
      '00080050': { vr: 'SH', Value: [PATIENT.accession] },
    },
    series: some.map((one) => ({
      seriesInstanceUid: uid(),
      modality,
      seriesNumber: one.number,
      seriesDescription: one.description,
      sopInstanceUids: Array.from({ length: one.instances }, uid).sort(),
    })),
  };
}

async function waiting(records: Records): Promise<void> {
  await records.studies.observeStudy(SERVICE, listingOf('MR Abdomen', 'MR', [LOCALIZER]));
}

async function decide(
  records: Records,
  description: string,
  modality: string,
  some: readonly SeriesOfScene[],
): Promise<{ uid: string; jobs: readonly JobRef[] }> {
  const study = listingOf(description, modality, some);
  const each = study.series.map((series, index) => ({ series, one: given(some[index]) }));
  const decision = {
    studyInstanceUid: study.studyInstanceUid,
    ruleSetVersion: 'b7d9e0417c52'.padEnd(64, '0'),
    sequencesVersion: '02f6aa93be81'.padEnd(64, '0'),
    targets: each
      .filter(({ one }) => one.taken === true)
      .map(({ series, one }) => ({
        seriesInstanceUid: series.seriesInstanceUid,
        stackId: 'all',
        frames: series.sopInstanceUids.map((sopInstanceUid) => ({
          sopInstanceUid,
          frameNumber: null,
        })),
        sequence: one.sequence,
        confidence: 0.96,
        rule: RULES[one.sequence] ?? '',
        segment: { model: 'demo', folds: 'all' as const },
        store: { seg: 'binary' as const, sr: true, to: 'main' },
        priority: 'normal' as const,
      })),
    verdicts: each.map(({ series, one }) => ({
      seriesInstanceUid: series.seriesInstanceUid,
      sequence: one.sequence,
      confidence: 0.96,
      taken: one.taken === true,
      rule: one.taken === true ? (RULES[one.sequence] ?? null) : null,
      reason: one.reason,
      rules: Object.entries(RULES).map(([sequence, rule]) => ({
        rule,
        matched: sequence === one.sequence,
        outcome: sequence === one.sequence ? ('true' as const) : ('false' as const),
        text:
          sequence === one.sequence
            ? 'every condition holds'
            : `sequence is ${one.sequence}, not ${sequence}`,
      })),
    })),
  };
  await records.studies.observeStudy(SERVICE, study);
  const saved = await records.decisions.saveDecision(
    SERVICE,
    {
      revision: revisionOf(study),
      headers: headersOf(study),
      decision,
      matches: each.map(({ series, one }) => ({
        seriesInstanceUid: series.seriesInstanceUid,
        stackId: 'all',
        sequence: one.sequence,
        confidence: 0.96,
        reason: one.reason,
        evidence: one.evidence ?? [],
        stacks: [],
      })),
      jobs: jobsOf(decision, MODEL),
    },
    queue().enqueue,
  );
  return { uid: study.studyInstanceUid, jobs: saved.jobs };
}

async function steps(records: Records, claim: Claim, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await records.jobs.startStep(SERVICE, claim, name);
    await records.jobs.finishStep(SERVICE, claim, name, null);
  }
}

async function measured(records: Records, job: JobRef | undefined, what: Imaged): Promise<Claim> {
  const { claim } = await claimed(records, given(job).id);
  await steps(records, claim, ['fetch', 'segment']);
  const kept = labels();
  await records.jobs.saveSegmentation(SERVICE, claim, { ...kept, run: { ...kept.run, ...MODEL } });
  await records.jobs.saveFindings(SERVICE, claim, what.findings);
  await records.jobs.savePreview(claim, what.picture);
  await steps(records, claim, ['measure']);
  return claim;
}

async function finish(records: Records, job: JobRef | undefined, what: Imaged): Promise<void> {
  const claim = await measured(records, job, what);
  await records.jobs.saveEncoding(SERVICE, claim, plan());
  await steps(records, claim, ['encode', 'store', 'verify']);
  await records.jobs.saveStored(SERVICE, claim, { ...stored('SEG', true), bytes: 412_310 });
  await records.jobs.saveStored(SERVICE, claim, { ...stored('SR', true), bytes: 58_930 });
  await records.jobs.finishJob(SERVICE, claim, 'stored', []);
}

async function holds(records: Records, job: JobRef | undefined, what: Imaged): Promise<void> {
  const message = 'right_kidney lies to the left of left_kidney.';
  const claim = await measured(records, job, {
    ...what,
    findings: {
      ...what.findings,
      gate: [
        ...what.findings.gate.filter((one) => one.check !== 'laterality'),
        { check: 'laterality', level: 'hold', structure: 'right_kidney', message },
      ],
      level: 'hold',
    },
  });
  await records.jobs.finishJob(SERVICE, claim, 'held', [
    {
      code: 'HELD_BY_GATE',
      message: `Not stored: ${message}`,
      next: 'Look at the picture; check the orientation of the source series.',
      seriesInstanceUid: null,
    },
  ]);
}

async function fails(records: Records, job: JobRef | undefined): Promise<void> {
  const first = (await claimed(records, given(job).id)).claim;
  await records.jobs.startStep(SERVICE, first, 'fetch');
  const outage = new SitusError({
    code: 'ARCHIVE_UNREACHABLE',
    message: 'The archive main does not answer (connection refused).',
    next: 'Tried again by itself.',
    errorClass: 'retry',
    origin: 'archive',
  });
  await records.jobs.failStep(SERVICE, first, 'fetch', outage, new Date());
  const { claim } = await claimed(records, given(job).id);
  await steps(records, claim, ['fetch']);
  await records.jobs.startStep(SERVICE, claim, 'segment');
  const error = new SitusError({
    code: 'MODEL_DAMAGED',
    message: 'The model demo does not match its hashes: fold-1.onnx differs.',
    next: 'Import the model again (npx situs model import), then run the study again.',
    errorClass: 'fault',
    origin: 'situs',
  });
  await records.jobs.failStep(SERVICE, claim, 'segment', error);
  await records.jobs.finishJob(SERVICE, claim, 'failed', [reasonOf(error)], error);
}

async function refused(records: Records, job: JobRef | undefined): Promise<void> {
  const { claim } = await claimed(records, given(job).id);
  await records.jobs.startStep(SERVICE, claim, 'fetch');
  const error = refuse(
    'MISSING_SLICES',
    'Between slice 17 and 18 of series 6 there is a gap of 14.4 mm; slices are 7.2 mm apart.',
    'Send the missing images to the archive; the study is then decided on anew.',
  );
  await records.jobs.failStep(SERVICE, claim, 'fetch', error);
  await records.jobs.finishJob(SERVICE, claim, 'refused', [reasonOf(error)], error);
}

async function runs(records: Records, job: JobRef | undefined): Promise<void> {
  const { claim } = await claimed(records, given(job).id);
  await steps(records, claim, ['fetch']);
  await records.jobs.startStep(SERVICE, claim, 'segment');
  await records.jobs.heartbeat(claim, 600, 0.42);
}

function reasonOf({ code, message, next }: SitusError) {
  return { code, message, next, seriesInstanceUid: null };
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the scene lacks something it is made of');
  return value;
}

/** Signs people in for tests: a user of a role with an API token. */
export async function tokenOf(
  records: Records,
  role: 'admin' | 'auditor' | 'radiologist',
): Promise<string> {
  const actor: Actor = SERVICE;
  await records.users.createUser(actor, role, role);
  return (await records.users.createApiToken(actor, role, 'test', 3600)).token;
}
