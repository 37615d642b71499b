import { parseValueTest, testValue, type ValueTestText } from '../../contracts/index.ts';

/** Whether a value passes a test as rules write it; no test wants nothing. */
export function wants(written: ValueTestText | undefined, value: string | null): boolean {
  if (written === undefined) return false;
  const test = parseValueTest(written);
  return !('problem' in test) && testValue(test, value) === 'true';
}
