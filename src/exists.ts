import { stat } from 'node:fs/promises';
import { isMissing } from './contracts/index.ts';

/** Whether a file or folder is there; errors other than its absence are thrown. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw thrown;
  }
}
