import { existsSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { SitusError, fault, messageOf } from '../../contracts/index.ts';
import type { EngineOptions, LocalDevice } from './engine.ts';

/** TensorRT takes what it can, CUDA the rest; none falls back to the CPU. */
const PROVIDERS: Readonly<Record<LocalDevice, readonly string[]>> = {
  cpu: ['cpu'],
  cuda: ['cuda'],
  tensorrt: ['tensorrt', 'cuda'],
  webgpu: ['webgpu'],
};

export type SessionOptions = ort.InferenceSession.SessionOptions;

/**
 * Tensors get and give their memory one by one: of a full-size network 1.24 GiB instead of 1.6 (arena) or 3.3 (arena and memory
 * patterns), for some 10 % of processor time (page faults), and so exactly what can be reckoned before (`network-memory.ts`).
 */
const EXACT_MEMORY: SessionOptions = { enableCpuMemArena: false, enableMemPattern: false };

/** What sessions of one device have in common. */
export interface Runtime {
  /** Name and version. */
  readonly name: string;
  readonly device: LocalDevice;
  /** Bytes that a graphics card may be asked for; null: as many as it has. */
  readonly memoryLimit: number | null;
  readonly options: SessionOptions;
}

/**
 * Makes ready for sessions on a device, in this process. CUDA and TensorRT compute in full binary32: the tensor cores' short
 * mantissas (TF32) would change labels, and the runtime's binding offers no other way to turn them off.
 * @throws SitusError `DEVICE_NOT_AVAILABLE` when the runtime of this machine lacks the device's provider.
 */
export function openRuntime(engine: EngineOptions): Runtime {
  const { device, threads, deviceId = 0, memoryLimit = null } = engine;
  ort.env.logLevel = 'fatal';
  const backends = ort.listSupportedBackends().map((backend) => backend.name);
  if (!PROVIDERS[device].every((provider) => backends.includes(provider))) {
    throw deviceError(device, `this installation offers ${backends.join(', ')}`);
  }
  if (device === 'cuda' || device === 'tensorrt') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  return {
    name: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common}`,
    device,
    memoryLimit,
    options: {
      executionProviders: PROVIDERS[device].map((name) =>
        name === 'cuda' || name === 'tensorrt' ? { name, deviceId } : name,
      ),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4,
      ...(device === 'cpu' ? EXACT_MEMORY : {}),
    },
  };
}

export interface ModelSource {
  /** A file, or a model that was written in memory. */
  readonly model: string | Uint8Array<ArrayBuffer>;
  /** Where the files are that the model's weights stay in. */
  readonly weightsFolder?: string;
  /**
   * Whether some nodes may run on the CPU. The runtime refuses any while it plans otherwise; loops need it, since their
   * counters live there.
   */
  readonly hostNodes?: boolean;
  readonly options?: SessionOptions;
}

/**
 * Loads a model.
 * @throws SitusError `NETWORK_NOT_LOADED` on the CPU, `DEVICE_NOT_AVAILABLE` elsewhere.
 */
export async function createSession(
  { device, options }: Runtime,
  source: ModelSource,
): Promise<ort.InferenceSession> {
  const entries = {
    ...(device === 'cpu' ? {} : { use_device_allocator_for_initializers: '1' }),
    ...(device === 'cpu' || source.hostNodes === true ? {} : { disable_cpu_ep_fallback: '1' }),
    ...(source.weightsFolder === undefined
      ? {}
      : { model_external_initializers_file_folder_path: source.weightsFolder }),
  };
  const all = { ...options, ...source.options, extra: { session: entries } };
  try {
    return typeof source.model === 'string'
      ? await ort.InferenceSession.create(source.model, all)
      : await ort.InferenceSession.create(source.model, all);
  } catch (cause) {
    if (device !== 'cpu') throw deviceError(device, messageOf(cause), cause);
    const message = `The network can't be loaded: ${messageOf(cause)}`;
    throw fault('NETWORK_NOT_LOADED', message, {}, cause);
  }
}

/** On a device other than the CPU a failed run means a lost or full device: trying again can help. */
export async function runSession(
  { device }: Runtime,
  session: ort.InferenceSession,
  feeds: ort.InferenceSession.FeedsType,
): Promise<ort.InferenceSession.ReturnType> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    if (device === 'cpu') {
      throw fault('NETWORK_FAILED', `The network failed: ${messageOf(cause)}`, {}, cause);
    }
    throw new SitusError({
      code: 'DEVICE_FAILED',
      message: `The network failed on "${device}": ${messageOf(cause)}`,
      next: 'Check the device, its driver and its free memory; the work is tried again by itself.',
      errorClass: 'retry',
      origin: 'device',
      details: { device },
      cause,
    });
  }
}

/** The runtime says only that a library can't be loaded; this says whether it is there at all. */
function missingFiles(device: LocalDevice): string {
  if (device !== 'cuda' && device !== 'tensorrt') return '';
  const file = `libonnxruntime_providers_${device}.so`;
  const place = `../bin/napi-v6/${process.platform}/${process.arch}/${file}`;
  return existsSync(new URL(place, import.meta.resolve('onnxruntime-node')))
    ? ` (${file} is there; \`ldd\` on it tells which library it lacks)`
    : ` (${file} is not installed)`;
}

const NEXT: Readonly<Record<LocalDevice, string>> = {
  cpu: 'Install Situs again with `npm ci`: the CPU runtime is part of it.',
  cuda: 'Install the NVIDIA driver, CUDA 12, cuDNN 9 and the runtime’s GPU files (docs/gpu.md), or configure another device.',
  tensorrt:
    'Install TensorRT 10 beside what CUDA needs (docs/gpu.md), or configure another device.',
  webgpu:
    'Install a Vulkan driver for the graphics card (docs/gpu.md), or configure another device.',
};

/** @param what the reason; of the runtime's own texts the part that is meant for people is kept */
export function deviceError(device: LocalDevice, what: string, cause?: unknown): SitusError {
  const reason = what
    .replace(/^.* was false\. /s, '')
    .trim()
    .replace(/\.+$/, '');
  return new SitusError({
    code: 'DEVICE_NOT_AVAILABLE',
    message: `Networks can't run on "${device}" here: ${reason}${missingFiles(device)}.`,
    next: NEXT[device],
    errorClass: 'usage',
    origin: 'device',
    details: { device },
    cause,
  });
}
