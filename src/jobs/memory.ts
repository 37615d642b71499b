import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { SitusError, type Volume } from '../contracts/index.ts';
import {
  estimateMemory,
  type InferenceSettings,
  type KserveSettings,
  type LoadedModel,
} from '../segmentation/index.ts';

/** Bytes of the host, or of the control group that holds the process. */
export interface HostMemory {
  /** What there is. */
  readonly total: number;
  /** What could be had now without anybody being killed. */
  readonly available: number;
}

/** Left to the system, the database and the rest of the node. */
const RESERVE_BYTES = 512 * 2 ** 20;
const CGROUP = '/sys/fs/cgroup';

/**
 * What the machine has left. In a control group with a limit (a container) it is the limit less what
 * is in use; pages of files that the kernel would give back at once count as free, as Kubernetes counts.
 */
export async function hostMemory(): Promise<HostMemory> {
  const host = { total: totalmem(), available: freemem() };
  const limit = process.constrainedMemory();
  if (limit === 0 || limit >= host.total) return host;
  const used = await groupUsage();
  const available = used === null ? process.availableMemory() : Math.max(0, limit - used);
  return { total: limit, available: Math.min(available, host.available) };
}

/** Bytes in use by the control group (version 2); null where there is none to read. */
async function groupUsage(): Promise<number | null> {
  try {
    const [current, stat] = await Promise.all([
      readFile(`${CGROUP}/memory.current`, 'utf8'),
      readFile(`${CGROUP}/memory.stat`, 'utf8'),
    ]);
    const inactive = Number(/^inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
    const used = Number(current) - inactive;
    return Number.isFinite(used) ? used : null;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error) return null;
    throw error;
  }
}

/**
 * Most bytes that a segmentation may take: `configured`, or for `auto` (null) what the whole machine
 * has less a reserve. What needs more can never run here and is refused by `segment` with both
 * figures; what only has to wait for others is told apart here.
 * @param folds how many folds will run
 * @throws SitusError MEMORY_BUSY (retry) when it would fit, but not now.
 */
export function admitSegmentation(
  volume: Pick<Volume, 'shape' | 'spacing' | 'affine'>,
  model: Pick<LoadedModel, 'manifest' | 'fingerprints'>,
  order: {
    readonly folds: number;
    readonly spacingMode: 'true' | 'v1.2.3';
    readonly settings: InferenceSettings;
    /** Where networks run on a server. */
    readonly kserve?: Pick<KserveSettings, 'parallel'> | undefined;
  },
  configured: number | null,
  memory: HostMemory,
): number {
  if (configured !== null) return configured;
  const limit = Math.max(0, memory.total - RESERVE_BYTES);
  const { bytes } = estimateMemory(
    volume,
    model,
    order.folds,
    order.spacingMode,
    order.settings,
    order.kserve,
  );
  if (bytes > limit || bytes <= memory.available - RESERVE_BYTES) return limit;
  throw new SitusError({
    code: 'MEMORY_BUSY',
    message: `The segmentation needs about ${mebibytes(bytes)} MiB of memory; ${mebibytes(memory.available)} MiB are free now, of which ${mebibytes(RESERVE_BYTES)} MiB stay in reserve.`,
    next: 'It is tried again by itself. When it stays, end other programs on this host or give it more memory.',
    errorClass: 'retry',
    origin: 'device',
    details: { needed: bytes, available: memory.available, total: memory.total },
  });
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
