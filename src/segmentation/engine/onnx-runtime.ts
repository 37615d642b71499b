import * as ort from 'onnxruntime-node';
import { SitusError, fault, messageOf } from '../../contracts/index.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../onnx/unet.ts';
import type { Engine, EngineOptions, LocalDevice, PatchNetwork } from './engine.ts';

/** TensorRT takes what it can, CUDA the rest; none falls back to the CPU. */
const PROVIDERS: Readonly<Record<LocalDevice, readonly string[]>> = {
  cpu: ['cpu'],
  cuda: ['cuda'],
  tensorrt: ['tensorrt', 'cuda'],
  webgpu: ['webgpu'],
};

/**
 * ONNX Runtime in this thread. `run` blocks the thread, so this belongs in a worker.
 * @throws SitusError `DEVICE_NOT_AVAILABLE` when the runtime of this machine lacks the device's provider.
 */
export function onnxRuntimeEngine(options: EngineOptions): Engine {
  const { device, threads } = options;
  ort.env.logLevel = 'fatal';
  const backends = ort.listSupportedBackends().map((backend) => backend.name);
  if (!PROVIDERS[device].every((provider) => backends.includes(provider))) {
    throw deviceError(device, `this installation offers ${backends.join(', ')}`);
  }
  const sessionOptions: ort.InferenceSession.SessionOptions = {
    executionProviders: [...PROVIDERS[device]],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    ...(device === 'cpu' ? {} : { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
  };
  return {
    name: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common}`,
    device,
    async open(file, inputChannels, patch): Promise<PatchNetwork> {
      const session = await createSession(file, sessionOptions, device);
      const shape = [1, inputChannels, ...patch];
      return {
        async run(values) {
          const answer = await runSession(
            session,
            { [NETWORK_INPUT]: new ort.Tensor('float32', values, shape) },
            device,
          );
          const data = answer[NETWORK_OUTPUT]?.data;
          if (!(data instanceof Float32Array)) {
            throw fault('NETWORK_OUTPUT', `The network has no output named ${NETWORK_OUTPUT}.`);
          }
          return data;
        },
        close: () => session.release(),
      };
    },
  };
}

async function createSession(
  file: string,
  options: ort.InferenceSession.SessionOptions,
  device: LocalDevice,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(file, options);
  } catch (cause) {
    if (device === 'cpu') {
      throw fault(
        'NETWORK_NOT_LOADED',
        `The network can't be loaded: ${messageOf(cause)}`,
        {},
        cause,
      );
    }
    throw deviceError(device, messageOf(cause), cause);
  }
}

/** On a device other than the CPU a failed run means a lost or full device: trying again can help. */
async function runSession(
  session: ort.InferenceSession,
  feeds: ort.InferenceSession.FeedsType,
  device: LocalDevice,
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

function deviceError(device: LocalDevice, what: string, cause?: unknown): SitusError {
  return new SitusError({
    code: 'DEVICE_NOT_AVAILABLE',
    message: `Networks can't run on "${device}" here: ${what}.`,
    next: 'Install the provider and its driver, or configure another device (cpu works everywhere).',
    errorClass: 'usage',
    origin: 'device',
    details: { device },
    cause,
  });
}
