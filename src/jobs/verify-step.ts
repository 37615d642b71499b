import { SitusError, type EncodedResult } from '../contracts/index.ts';
import type { JobContext, StepOutcome } from './context.ts';
import { jobResults } from './encode-step.ts';
import { storedResult } from './store-step.ts';

/**
 * Reads every result back and compares pixel data and content with what was encoded (guarantee 2).
 * What the archive lost since it was stored is sent again first.
 */
export async function verifyStep(context: JobContext): Promise<StepOutcome> {
  const { work, records, actor, claim, compute, signal } = context;
  const archive = context.archive(work.target.store.to);
  const results = await jobResults(context);
  for (const [index, result] of results.entries()) {
    if (!(await archive.has(result, { signal }))) await archive.store([result], { signal });
    const returned = await archive.retrieveInstance(result, { signal });
    const expected = await compute.contentHash({ bytes: result.bytes }, signal);
    const found = await compute.contentHash({ bytes: returned }, signal);
    if (found !== expected) throw differs(context, result, archive.name);
    await records.jobs.saveStored(actor, claim, {
      ...storedResult(result, archive.name),
      status: null,
      verified: true,
      verification: `read back, content sha256 ${found}`,
    });
    context.progress((index + 1) / results.length);
  }
  return { kind: 'end', artifact: null, state: 'stored', reasons: [] };
}

function differs(context: JobContext, result: EncodedResult, archive: string): SitusError {
  return new SitusError({
    code: 'STORED_DIFFERS',
    message: `Archive "${archive}" returns other content for the ${result.kind} ${result.sopInstanceUid} than was stored.`,
    next: 'Look at that instance in the archive: something else wrote it, or the archive changes what it stores.',
    errorClass: 'fault',
    origin: 'archive',
    details: { sopInstanceUid: result.sopInstanceUid, job: context.work.id },
  });
}
