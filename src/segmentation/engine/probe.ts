import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing } from '../../contracts/index.ts';
import type { Vec3 } from '../plans/plan.ts';
import type { PatchNetwork } from './engine.ts';

/** What a network answers to the probe patch: logits at places spread over its output. */
export type Fingerprint = readonly number[];

/** Beside `model.json`; not among the files that make the model's hash, as its last digits differ between machines. */
const PROBE_FILE = 'probe.json';
const MAX_PROBE_BYTES = 2 ** 20;
/** Numbers of a fingerprint. */
const SAMPLES = 512;

const probeSchema = z.strictObject({
  format: z.literal(1),
  /** SHA-256 of the network's file → its fingerprint. */
  networks: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.array(z.number()).min(1).max(SAMPLES)),
});

/**
 * A patch [channels, patch…] that says much about a network: smooth forms and noise of a normalised scan's size. The same
 * numbers on every machine: integer arithmetic only.
 */
export function probePatch(channels: number, patch: Vec3): Float32Array<ArrayBuffer> {
  const values = new Float32Array(channels * patch[0] * patch[1] * patch[2]);
  let state = 20_240_229;
  let at = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let z = 0; z < patch[0]; z += 1) {
      for (let y = 0; y < patch[1]; y += 1) {
        for (let x = 0; x < patch[2]; x += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
          const form = wave(z, 23) + wave(y + 3 * channel, 31) + wave(x, 37);
          values[at] = form / 48 + (state >> 22) / 1024;
          at += 1;
        }
      }
    }
  }
  return values;
}

/** −16..16, a triangle of the given period. */
function wave(i: number, period: number): number {
  const phase = i % period;
  return Math.abs(Math.trunc((64 * phase) / period) - 32) - 16;
}

/** Runs the probe patch. */
export async function fingerprintOf(
  network: PatchNetwork,
  channels: number,
  patch: Vec3,
): Promise<Fingerprint> {
  return sampleLogits(await network.run(probePatch(channels, patch)));
}

/** Logits at even distances, with seven digits: what a 32-bit float holds. */
export function sampleLogits(logits: Float32Array): Fingerprint {
  const count = Math.min(SAMPLES, logits.length);
  return Array.from({ length: count }, (_, i) =>
    Number((logits[Math.floor(((i + 0.5) * logits.length) / count)] ?? 0).toPrecision(7)),
  );
}

/** Root mean square of the differences, relative to that of the expected numbers. */
export function deviation(expected: Fingerprint, found: Fingerprint): number {
  if (expected.length !== found.length) return Number.POSITIVE_INFINITY;
  let differences = 0;
  let size = 0;
  expected.forEach((value, i) => {
    differences += (value - (found[i] ?? Number.NaN)) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(differences / Math.max(size, Number.MIN_VALUE));
}

/** Keeps the fingerprints of a model folder's networks, by the hash of their files. */
export async function writeProbes(
  directory: string,
  networks: Readonly<Record<string, Fingerprint>>,
): Promise<void> {
  await writeFile(join(directory, PROBE_FILE), `${JSON.stringify({ format: 1, networks })}\n`);
}

/** The fingerprints that the import left; empty when there are none or when they can't be understood. */
export async function readProbes(
  directory: string,
): Promise<Readonly<Record<string, Fingerprint>>> {
  const path = join(directory, PROBE_FILE);
  try {
    if ((await stat(path)).size > MAX_PROBE_BYTES) return {};
    const result = probeSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return result.success ? result.data.networks : {};
  } catch (thrown) {
    if (isMissing(thrown) || thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}
