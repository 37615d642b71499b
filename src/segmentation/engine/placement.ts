import type * as ort from 'onnxruntime-node';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { SitusError, fault } from '../../contracts/index.ts';
import { product } from '../product.ts';
import type { LocalDevice, Placement } from './engine.ts';
import type { SessionOptions } from './session.ts';

/** Names that providers give themselves, the one that must do the work first. */
const OWN_NAMES: Readonly<Record<LocalDevice, readonly [string, ...string[]]>> = {
  cpu: ['CPUExecutionProvider'],
  cuda: ['CUDAExecutionProvider'],
  tensorrt: ['TensorrtExecutionProvider', 'CUDAExecutionProvider'],
  webgpu: ['WebGpuExecutionProvider'],
};

/** Control flow belongs to the host; the bodies are judged node by node. */
const HOST_OPERATORS = new Set(['Loop', 'If', 'Scan', 'MemcpyFromHost', 'MemcpyToHost']);
/** Whole numbers that may be made on the host at a time: places, counters, index lists. */
const HOST_NUMBERS = 1024;
const HEAVY = new Set(['Conv', 'ConvTranspose']);

const shapes = z.array(z.record(z.string(), z.array(z.number())));
const eventSchema = z.object({
  cat: z.string().optional(),
  args: z
    .object({
      op_name: z.string().optional(),
      provider: z.string().optional(),
      output_type_shape: shapes.optional(),
    })
    .optional(),
});

/** Makes the runtime write down what ran where, until `read` is called. */
export interface PlacementRecorder {
  /** For the session that shall be watched. */
  readonly options: SessionOptions;
  /** Ends the recording. @throws SitusError `DEVICE_FELL_BACK` */
  read(session: ort.InferenceSession): Promise<Placement>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/**
 * The runtime's profile is its only word on where a node really ran; the list of a session's providers says what was
 * offered. It holds operators and shapes, nothing of a patient, and is removed when it has been read.
 */
export async function recordPlacement(device: LocalDevice): Promise<PlacementRecorder> {
  const folder = await mkdtemp(join(tmpdir(), 'situs-placement-'));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return {
    options: { enableProfiling: true, profileFilePrefix: join(folder, 'run') },
    async read(session) {
      try {
        session.endProfiling();
        const [file] = readdirSync(folder);
        const text = readFileSync(join(folder, file ?? 'run'), 'utf8');
        return judgePlacement(JSON.parse(text), device);
      } finally {
        await discard();
      }
    },
    discard,
  };
}

/**
 * Counts runs of nodes by provider.
 * @param events the runtime's profile
 * @throws SitusError `DEVICE_FELL_BACK` when anything but counters and places was computed elsewhere than on the device.
 */
export function judgePlacement(events: unknown, device: LocalDevice): Placement {
  const [main, ...helpers] = OWN_NAMES[device];
  const counts: Record<string, number> = {};
  const elsewhere = new Set<string>();
  for (const event of z.array(eventSchema).parse(events)) {
    const { op_name: operator, provider, output_type_shape: outputs } = event.args ?? {};
    if (event.cat !== 'Node' || provider === undefined || operator === undefined) continue;
    counts[provider] = (counts[provider] ?? 0) + 1;
    if (provider === main) continue;
    const isHelped = helpers.includes(provider) && !HEAVY.has(operator);
    if (!isHelped && !mayBeOnHost(operator, outputs ?? []))
      elsewhere.add(`${operator} on ${provider}`);
  }
  if (elsewhere.size > 0 || counts[main] === undefined)
    throw fellBack(device, [...elsewhere], counts);
  return counts;
}

function mayBeOnHost(operator: string, outputs: z.infer<typeof shapes>): boolean {
  if (HOST_OPERATORS.has(operator)) return true;
  return outputs.every((output) =>
    Object.entries(output).every(([type, shape]) => {
      const size = product(shape);
      return size <= (type === 'float' || type === 'float16' ? 1 : HOST_NUMBERS);
    }),
  );
}

/** Sums of two counts. */
export function addPlacements(a: Placement, b: Placement): Placement {
  const sum: Record<string, number> = { ...a };
  for (const [provider, count] of Object.entries(b)) sum[provider] = (sum[provider] ?? 0) + count;
  return sum;
}

function fellBack(
  device: LocalDevice,
  elsewhere: readonly string[],
  counts: Placement,
): SitusError {
  if (Object.keys(counts).length === 0) {
    return fault('PLACEMENT_UNKNOWN', 'The runtime did not tell where the network ran.');
  }
  return new SitusError({
    code: 'DEVICE_FELL_BACK',
    message: `The network was to run on "${device}", but this ran elsewhere: ${elsewhere.join(', ') || 'all of it'}.`,
    next: 'Update the driver and the runtime of the device, or configure another device; labels were not made.',
    errorClass: 'usage',
    origin: 'device',
    details: { device, counts, elsewhere },
  });
}
