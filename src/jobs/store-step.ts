import type { StoreOutcome } from '../archive/index.ts';
import type { EncodedResult, StoredResult } from '../contracts/index.ts';
import type { JobContext, StepOutcome } from './context.ts';
import { heldBack, jobResults } from './encode-step.ts';

/**
 * Sends the SEG, and the SR and pictures only once the archive shows the SEG: a stored report without
 * its segmentation is the worst outcome (dicomweb-servers §5). What the archive has already is not sent.
 */
export async function storeStep(context: JobContext): Promise<StepOutcome> {
  const { work, records, actor, claim, signal } = context;
  const archive = context.archive(work.target.store.to);
  const held = await heldBack(context);
  if (held !== null) return held;
  const results = await jobResults(context);
  for (const [index, result] of results.entries()) {
    const there = await archive.has(result, { signal });
    const outcome = there ? null : await archive.store([result], { signal });
    await records.jobs.saveStored(actor, claim, {
      ...storedResult(result, archive.name),
      status: outcome?.status ?? null,
      verified: false,
      verification: outcome === null ? 'was in the archive already' : 'stored, not read back yet',
      warning: warningOf(outcome),
    });
    context.progress((index + 1) / results.length);
  }
  return { kind: 'next', artifact: null };
}

/** What the archive said against the one object that was sent; null when nothing. */
export function warningOf(outcome: StoreOutcome | null): string | null {
  const warnings = (outcome?.instances ?? []).flatMap(({ warning }) => warning ?? []);
  return warnings.length === 0 ? null : warnings.join('; ');
}

/** The facts of a result that do not change between storing and reading back. */
export function storedResult(
  result: EncodedResult,
  archive: string,
): Omit<StoredResult, 'status' | 'verified' | 'verification' | 'warning'> {
  return {
    kind: result.kind,
    sopClassUid: result.sopClassUid,
    sopInstanceUid: result.sopInstanceUid,
    seriesInstanceUid: result.seriesInstanceUid,
    bytes: result.bytes.byteLength,
    sha256: result.sha256,
    archive,
  };
}
