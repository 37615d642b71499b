import { describe, expect, it } from '@jest/globals';
import { exampleObjects } from '../../src/conformance/index.ts';
import { validateSeg, validateSr } from '../../src/results/index.ts';
import { STRUCTURES } from '../support/structures.ts';

describe.each(['ct', 'mr'] as const)('the example objects from %s', (name) => {
  const { volume, binary, labelMap, report } = exampleObjects(name, STRUCTURES);

  it('have nothing against them by our own validator', () => {
    expect(validateSeg(binary, volume)).toEqual([]);
    expect(validateSeg(labelMap, volume, 'LABELMAP')).toEqual([]);
    expect(validateSr(report, volume, binary)).toEqual([]);
  });

  it('are the same at every call', () => {
    const again = exampleObjects(name, STRUCTURES);
    expect(Buffer.from(again.binary).equals(binary)).toBe(true);
    expect(Buffer.from(again.report).equals(report)).toBe(true);
  });
});
