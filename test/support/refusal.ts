import { SitusError } from '../../src/contracts/index.ts';

/** The typed error that `action` throws; fails the test when it throws nothing or something else. */
export async function refusalOf(action: () => unknown): Promise<SitusError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SitusError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
