import { SitusError } from '../../../src/contracts/index.ts';

/** The code of the `SitusError` that the work throws; null when it throws nothing. Other errors pass through. */
export function errorCode(work: () => unknown): string | null {
  return errorOf(work)?.code ?? null;
}

export function errorOf(work: () => unknown): SitusError | null {
  try {
    work();
    return null;
  } catch (thrown) {
    if (thrown instanceof SitusError) return thrown;
    throw thrown;
  }
}

export async function rejection(work: Promise<unknown>): Promise<SitusError | null> {
  try {
    await work;
    return null;
  } catch (thrown) {
    if (thrown instanceof SitusError) return thrown;
    throw thrown;
  }
}
