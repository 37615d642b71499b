import { fault, SitusError, type EncodedResult, type Findings } from '../contracts/index.ts';
import type { EncodingPlan, Reason } from '../records/index.ts';
import { codedStructures } from '../segmentation/index.ts';
import type { EncodeRequest, PredecessorReport } from './compute-calls.ts';
import type { JobContext, StepOutcome } from './context.ts';
import { keptLabels, targetVolume } from './volume.ts';

/** What the record fixes before the first encoding, so that every later one gives the same bytes. */
interface Fixed {
  readonly encodedAt: string;
  /** Names in the objects: those of the first host, whichever ends the job. */
  readonly node: string;
  readonly version: string;
  readonly instanceNumber: number;
  readonly predecessor: PredecessorReport | null;
}

/** Writes SEG and SR, has them validated and keeps them. What the gate holds is never encoded. */
export async function encodeStep(context: JobContext): Promise<StepOutcome> {
  const { work, folder } = context;
  const held = await heldBack(context);
  if (held !== null) return held;
  const results = await encodeJob(context);
  for (const result of results) {
    await folder.put(work.id, result.kind.toLowerCase(), 'dcm', result.bytes);
  }
  const index = results.map(({ bytes: _bytes, ...rest }) => rest);
  const text = new TextEncoder().encode(JSON.stringify(index));
  context.attempt.results = results;
  return { kind: 'next', artifact: await folder.put(work.id, 'results', 'json', text) };
}

/**
 * The end of a job that the gate holds, or null. Asked before encoding and again before storing: a
 * node that dies between "encode is done" and "the job is held" must not go on to store.
 */
export async function heldBack(context: JobContext): Promise<StepOutcome | null> {
  const findings = await jobFindings(context);
  if (findings.level !== 'hold') return null;
  return { kind: 'end', artifact: null, state: 'held', reasons: holdReasons(context, findings) };
}

/** The encoded results as the encode step left them on this host, or null. */
export async function keptResults(context: JobContext): Promise<readonly EncodedResult[] | null> {
  const { work, folder, attempt } = context;
  if (attempt.results !== null) return attempt.results;
  const name = work.steps.findLast((step) => step.step === 'encode' && step.state === 'done')
    ?.artifact?.name;
  const text = name === undefined ? null : await folder.get(work.id, name);
  if (text === null) return null;
  const index = JSON.parse(new TextDecoder().decode(text)) as Omit<EncodedResult, 'bytes'>[];
  const results: EncodedResult[] = [];
  for (const entry of index) {
    const file = `${entry.kind.toLowerCase()}-${entry.sha256}.dcm`;
    const bytes = await folder.get(work.id, file);
    if (bytes === null) return null;
    results.push({ ...entry, bytes });
  }
  attempt.results = results;
  return results;
}

/** The results of a job past its encode step: kept on this host, or made again, byte for byte. */
export async function jobResults(context: JobContext): Promise<readonly EncodedResult[]> {
  return (await keptResults(context)) ?? encodeJob(context);
}

/**
 * The results of a job, SEG first. Deterministic: volume, labels, findings and what the record has
 * fixed are all that goes in, so a host that takes the job over makes the same bytes; if it did
 * not, `saveEncoding` refuses (ENCODING_DIFFERS).
 * @throws SitusError RESULT_INVALID (fault) when our own validator finds an error.
 */
async function encodeJob(context: JobContext): Promise<readonly EncodedResult[]> {
  const { records, actor, claim, work } = context;
  const known = (await records.jobs.jobForWork(work.id))?.encoding ?? null;
  const fixed = known === null ? await newFixed(context) : fixedOf(known, context);
  const { results, problems } = await context.compute.encode(
    await requestOf(context, fixed),
    context.signal,
  );
  if (problems.length > 0) throw invalid(problems);
  await records.jobs.saveEncoding(actor, claim, {
    encodedAt: fixed.encodedAt,
    objects: results.map(({ kind, seriesInstanceUid, sopInstanceUid, sha256 }) => ({
      kind,
      seriesInstanceUid,
      sopInstanceUid,
      sha256,
    })),
    data: {
      node: fixed.node,
      version: fixed.version,
      instanceNumber: fixed.instanceNumber,
      predecessor: fixed.predecessor === null ? null : { ...fixed.predecessor },
    },
  });
  return results;
}

async function jobFindings(context: JobContext): Promise<Findings> {
  const findings = await context.records.jobs.loadFindings(context.work.id);
  if (findings !== null) return findings;
  throw fault('FINDINGS_MISSING', `Job ${context.work.id} is past "measure" but has no findings.`);
}

function holdReasons(context: JobContext, findings: Findings): Reason[] {
  return findings.gate
    .filter((verdict) => verdict.level === 'hold')
    .map((verdict) => ({
      code: `GATE_${verdict.check.toUpperCase().replaceAll('-', '_')}`,
      message: verdict.message,
      next: 'Look at the preview on the study’s page; nothing was stored.',
      seriesInstanceUid: context.work.target.seriesInstanceUid,
    }));
}

async function newFixed(context: JobContext): Promise<Fixed> {
  const [segs, reports] = await Promise.all([
    context.records.jobs.predecessors(context.work.id, 'SEG'),
    context.records.jobs.predecessors(context.work.id, 'SR'),
  ]);
  const latest = reports[0];
  return {
    encodedAt: new Date().toISOString(),
    node: context.node,
    version: context.version,
    instanceNumber: new Set(segs.map((seg) => seg.sopInstanceUid)).size + 1,
    predecessor:
      latest === undefined
        ? null
        : {
            studyInstanceUid: latest.studyInstanceUid,
            seriesInstanceUid: latest.seriesInstanceUid,
            sopClassUid: latest.sopClassUid,
            sopInstanceUid: latest.sopInstanceUid,
          },
  };
}

function fixedOf(plan: EncodingPlan, { node, version }: JobContext): Fixed {
  const data = plan.data as unknown as Pick<Fixed, 'instanceNumber' | 'predecessor'> &
    Partial<Pick<Fixed, 'node' | 'version'>>;
  const names = { node, version };
  return { ...names, ...data, encodedAt: plan.encodedAt };
}

async function requestOf(context: JobContext, fixed: Fixed): Promise<EncodeRequest> {
  const { work } = context;
  const volume = await targetVolume(context);
  const model = await context.model(work.target.segment.model);
  return {
    volume,
    labels: await keptLabels(context),
    findings: await jobFindings(context),
    structures: codedStructures(model, context.structures),
    node: fixed.node,
    version: fixed.version,
    content: work.identity,
    run: work.run,
    instanceNumber: fixed.instanceNumber,
    encodedAt: fixed.encodedAt,
    order: work.target.store,
    predecessor: fixed.predecessor,
    manufacturer: String(model.manifest.card['manufacturer'] ?? 'not stated'),
  };
}

function invalid(problems: readonly string[]): SitusError {
  return new SitusError({
    code: 'RESULT_INVALID',
    message: `The result failed our own validation and was not sent: ${problems.slice(0, 3).join('; ')}`,
    next: 'Nothing was stored. Report the job with its details; the scan may hold odd attributes.',
    errorClass: 'fault',
    origin: 'situs',
    details: { problems },
  });
}
