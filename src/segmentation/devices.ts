import { readdirSync } from 'node:fs';
import { SitusError, asSitusError, systemCode } from '../contracts/index.ts';
import type { Device, LocalDevice } from './engine/engine.ts';
import { runInProcess } from './worker/run-in-process.ts';

export interface DeviceReport {
  readonly device: LocalDevice;
  readonly isAvailable: boolean;
  /** One sentence: that it works, or why not. */
  readonly message: string;
  /** What can be done about it; null where nothing has to be. */
  readonly next: string | null;
}

export interface DeviceChoice {
  readonly device: Device;
  /** What was looked at before, in order. */
  readonly reports: readonly DeviceReport[];
}

export interface DeviceWishes {
  readonly device: Device | 'auto';
  /** Which graphics card, for CUDA and TensorRT. */
  readonly deviceId: number;
  /** Whether the CPU may take over where the wanted device does not work. */
  readonly allowCpuFallback: boolean;
}

/**
 * What `auto` tries. TensorRT is not among them: through this runtime it builds its engines anew for every job, which takes
 * longer than it saves.
 */
const AUTOMATIC = ['cuda', 'webgpu'] as const;

/**
 * Runs a small convolution on a device, in a process of its own: drivers may crash, and what they hold ends with it.
 */
export async function examineDevice(device: LocalDevice, deviceId: number): Promise<DeviceReport> {
  try {
    await runInProcess('probe', { device, deviceId, threads: 1 });
    return {
      device,
      isAvailable: true,
      message: 'a test convolution gave the right result',
      next: null,
    };
  } catch (thrown) {
    const { message, next } = asSitusError(thrown);
    return { device, isAvailable: false, message, next };
  }
}

/**
 * The device that jobs will run on.
 * @throws SitusError `DEVICE_NOT_AVAILABLE` when a device was asked for by name, does not work, and the CPU is not allowed
 *   to take over.
 */
export async function chooseDevice(wishes: DeviceWishes): Promise<DeviceChoice> {
  const { device, deviceId, allowCpuFallback } = wishes;
  if (device === 'cpu' || device === 'kserve') return { device, reports: [] };
  const reports: DeviceReport[] = [];
  for (const candidate of device === 'auto' ? AUTOMATIC : [device]) {
    const report =
      device === 'auto' && candidate === 'webgpu' && !hasGraphicsCard()
        ? noGraphicsCard()
        : await examineDevice(candidate, deviceId);
    reports.push(report);
    if (report.isAvailable) return { device: candidate, reports };
    if (device !== 'auto' && !allowCpuFallback) throw notAvailable(report);
  }
  return { device: 'cpu', reports };
}

function notAvailable({ device, message, next }: DeviceReport): SitusError {
  return new SitusError({
    code: 'DEVICE_NOT_AVAILABLE',
    message,
    next: `${next ?? ''} Or set segmentation.allowCpuFallback: true to let the CPU take over.`.trim(),
    errorClass: 'usage',
    origin: 'device',
    details: { device },
  });
}

function noGraphicsCard(): DeviceReport {
  return {
    device: 'webgpu',
    isAvailable: false,
    message:
      'this host has no graphics card, and a driver in software would be slower than the CPU',
    next: null,
  };
}

/** On Linux a card has a render node; elsewhere the system's own graphics interface is there or the probe tells. */
function hasGraphicsCard(): boolean {
  if (process.platform !== 'linux') return true;
  const names = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (systemCode(error) === null) throw error;
      return [];
    }
  };
  return (
    names('/dev/dri').some((name) => name.startsWith('renderD')) ||
    names('/dev').some((name) => /^(nvidia\d+|dxg)$/.test(name))
  );
}
