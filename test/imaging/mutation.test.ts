import { describe, expect, it } from '@jest/globals';

import { SitusError } from '../../src/contracts/index.ts';
import { buildVolume, readInstance, readNifti, seriesHeaders } from '../../src/imaging/index.ts';
import { TRANSFER_SYNTAX, makeSeries } from '../support/dicom.ts';
import { golden, goldenNames } from './goldens.ts';

/** A small, seeded generator: the same inputs in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Flips bits, overwrites lengths, cuts or doubles a part. */
function mutated(file: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = Uint8Array.from(file);
  const changes = 1 + random(4);
  for (let i = 0; i < changes; i++) {
    const at = random(bytes.length);
    switch (random(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2:
        bytes.fill(0xff, at, Math.min(bytes.length, at + 4));
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      default:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at >> 1)]);
    }
  }
  return bytes;
}

/** Resolves when `action` gives a result or a typed error; anything else fails the test. */
async function resultOrRefusal(action: () => unknown, what: string): Promise<'result' | 'refusal'> {
  try {
    await action();
    return 'result';
  } catch (error) {
    if (error instanceof SitusError && error.code !== 'INTERNAL') return 'refusal';
    throw new Error(`${what} threw something untyped`, { cause: error });
  }
}

describe('damaged files', () => {
  const files: readonly (readonly [string, Uint8Array])[] = [
    ...Object.entries(TRANSFER_SYNTAX).map(
      ([name, transferSyntax]) =>
        [name, makeSeries({ rows: 4, columns: 4, transferSyntax }).instances[0]?.bytes] as const,
    ),
    ['enhanced', makeSeries({ enhanced: true, rows: 2, columns: 2 }).instances[0]?.bytes] as const,
    ...goldenNames(/\.dcm$/).map((name) => [name, golden(name)] as const),
  ].map(([name, bytes]) => [name, bytes ?? new Uint8Array(0)]);

  it.each(files)('%s: a result or a typed error', async (name, file) => {
    const random = randomOf(name.length * 7919 + file.length);
    const [second] = makeSeries({ slices: 2, rows: 4, columns: 4 }).instances.slice(1);
    const counts = { result: 0, refusal: 0 };
    for (let round = 0; round < 12; round++) {
      const bytes = mutated(file, random);
      const outcome = await resultOrRefusal(async () => {
        const instance = readInstance(bytes);
        seriesHeaders([instance.dataset]);
        const other = readInstance(second?.bytes ?? bytes);
        await buildVolume([instance, { ...other, seriesInstanceUid: instance.seriesInstanceUid }]);
      }, `${name}, round ${round}`);
      counts[outcome]++;
    }
    expect(counts.result + counts.refusal).toBe(12);
  });

  it('NIfTI: a result or a typed error', async () => {
    const random = randomOf(4711);
    for (const name of goldenNames(/\.nii(\.gz)?$/)) {
      for (let round = 0; round < 40; round++) {
        const bytes = mutated(golden(name), random);
        await resultOrRefusal(() => readNifti(bytes), `${name}, round ${round}`);
      }
    }
  });
});
