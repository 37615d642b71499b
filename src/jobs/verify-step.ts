import { SitusError, type EncodedResult } from '../contracts/index.ts';
import type { ContentComparison } from '../results/index.ts';
import type { JobContext, StepOutcome } from './context.ts';
import { jobResults } from './encode-step.ts';
import { storedResult, warningOf } from './store-step.ts';

/**
 * Reads every result back and compares pixel data and content with what was encoded (guarantee 2).
 * What the archive lost since it was stored is sent again first.
 */
export async function verifyStep(context: JobContext): Promise<StepOutcome> {
  const { work, records, actor, claim, compute, signal } = context;
  const archive = context.archive(work.target.store.to);
  const results = await jobResults(context);
  for (const [index, result] of results.entries()) {
    const there = await archive.has(result, { signal });
    const outcome = there ? null : await archive.store([result], { signal });
    const returned = await archive.retrieveInstance(result, { signal });
    const compared = await compute
      .compareContent({ sent: result.bytes, returned }, signal)
      .catch((error: unknown) => {
        throw unreadable(context, result, archive.name, error);
      });
    if (compared.differing.length > 0) throw differs(context, result, archive.name, compared);
    await records.jobs.saveStored(actor, claim, {
      ...storedResult(result, archive.name),
      status: outcome?.status ?? null,
      verified: true,
      verification: readBackText(compared),
      warning: warningOf(outcome),
    });
    context.progress((index + 1) / results.length);
  }
  return { kind: 'end', artifact: null, state: 'stored', reasons: [] };
}

/** What was found: archives may keep an object in another transfer syntax, but not in silence. */
function readBackText({ sha256, otherTransferSyntax }: ContentComparison): string {
  const as =
    otherTransferSyntax === null ? '' : ` in another transfer syntax (${otherTransferSyntax})`;
  return `read back${as}, content sha256 ${sha256}`;
}

function differs(
  context: JobContext,
  result: EncodedResult,
  archive: string,
  { differing }: ContentComparison,
): SitusError {
  const shown = `${differing.slice(0, 5).join(', ')}${differing.length > 5 ? ' and more' : ''}`;
  return new SitusError({
    code: 'STORED_DIFFERS',
    message: `Archive "${archive}" returns other content for the ${result.kind} ${result.sopInstanceUid} than was stored: ${shown}.`,
    next: 'Look at that instance in the archive: something else wrote it, or the archive changes what it stores.',
    errorClass: 'fault',
    origin: 'archive',
    details: { sopInstanceUid: result.sopInstanceUid, job: context.work.id, differing },
  });
}

/** What was sent was read by our own validator; so it is what came back that cannot be read. */
function unreadable(
  context: JobContext,
  result: EncodedResult,
  archive: string,
  cause: unknown,
): unknown {
  if (!(cause instanceof SitusError) || cause.errorClass !== 'refuse') return cause;
  return new SitusError({
    code: 'STORED_UNREADABLE',
    message: `Archive "${archive}" returns the ${result.kind} ${result.sopInstanceUid} in a form that cannot be compared with what was stored: ${cause.message}`,
    next: 'Have the archive keep results as they were sent: leave SEG, SR and secondary captures out of its compression.',
    errorClass: 'fault',
    origin: 'archive',
    details: { sopInstanceUid: result.sopInstanceUid, job: context.work.id },
    cause,
  });
}
