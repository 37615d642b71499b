import type { Vec3 } from '../plans/plan.ts';
import type { PatchNetwork } from './engine.ts';
import type { Asked } from './kserve-errors.ts';
import { kserveError } from './kserve-errors.ts';
import { onnxRuntimeEngine } from './onnx-runtime.ts';
import type { Fingerprint } from './probe.ts';
import { deviation, fingerprintOf } from './probe.ts';

/**
 * Largest deviation of logits that rounding explains. With 32-bit floats it is below 1e-5, with TF32 or halves about
 * 5e-4, with bfloat16 weights 6e-3; another checkpoint of the same training was off by 5e-2 (docs/kserve.md).
 */
const LARGEST_DEVIATION = 0.01;

export interface WeightsCheck {
  /** What a message names. */
  readonly asked: Asked;
  readonly model: string;
  /** Local file of the network and its hash. */
  readonly file: string;
  readonly sha256: string;
  /** Its answer to the probe patch, as the import kept it; null: it is computed here. */
  readonly fingerprint: Fingerprint | null;
  /** Hash that the server's configuration names; null when it does not. */
  readonly declared: string | null;
  readonly remote: PatchNetwork;
  readonly channels: number;
  readonly patch: Vec3;
  readonly threads: number;
  /** Whether a deviating answer is an error, or only recorded. */
  readonly required: boolean;
}

export interface WeightsVerdict {
  readonly verified: boolean;
  /** Relative root mean square difference of the logits of the probe patch. */
  readonly deviation: number;
}

/**
 * Whether the server runs the weights of the local file: a hash in its configuration must be the same, and its answer
 * to the probe patch must be that of the local network, whose answer was kept at import or is computed here.
 * @throws SitusError `KSERVE_WEIGHTS_DIFFER` (usage)
 */
export async function checkWeights(check: WeightsCheck): Promise<WeightsVerdict> {
  if (check.declared !== null && check.declared !== check.sha256) {
    throw weightsError(check, 'its configuration names another file', { declared: check.declared });
  }
  const expected = check.fingerprint ?? (await localFingerprint(check));
  const found = await fingerprintOf(check.remote, check.channels, check.patch);
  const off = deviation(expected, found);
  const verified = off <= LARGEST_DEVIATION;
  if (!verified && check.required) {
    throw weightsError(check, `its answer to a test patch is off by ${(100 * off).toFixed(1)} %`, {
      deviation: off,
    });
  }
  return { verified, deviation: off };
}

async function localFingerprint(check: WeightsCheck): Promise<Fingerprint> {
  const engine = onnxRuntimeEngine({ device: 'cpu', threads: check.threads });
  const network = await engine.open(check.file, check.channels, check.patch);
  try {
    return await fingerprintOf(network, check.channels, check.patch);
  } finally {
    await network.close();
  }
}

function weightsError(
  check: WeightsCheck,
  what: string,
  details: Readonly<Record<string, unknown>>,
): Error {
  return kserveError(check.asked, {
    code: 'KSERVE_WEIGHTS_DIFFER',
    what: `runs other weights as "${check.model}": ${what}`,
    next: 'Give the server what "npx situs model export-triton" writes for this model. A server that computes with few bits on purpose can be allowed by segmentation.kserve.requireVerifiedWeights: false.',
    errorClass: 'usage',
    details: { model: check.model, sha256: check.sha256, ...details },
  });
}
