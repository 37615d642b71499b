import type { SitusConfig } from './config/index.ts';
import { chooseDevice, type Device, type DeviceReport } from './segmentation/index.ts';
import type { Logger } from './telemetry/index.ts';

/**
 * The device that this node's jobs run on. What was chosen and why others were not stands in the log.
 * @throws SitusError `DEVICE_NOT_AVAILABLE` when the configured device does not work and the CPU may not take over.
 */
export async function workDevice(config: SitusConfig, log: Logger): Promise<Device> {
  const { device: wanted, gpu, allowCpuFallback } = config.segmentation;
  const { device, reports } = await chooseDevice({
    device: wanted,
    deviceId: gpu.id,
    allowCpuFallback,
  });
  const others = reports.filter((report) => report.device !== device);
  const facts = { device, wanted, looked: others.map(describeDevice) };
  if (wanted === 'auto' || wanted === device) log.info(facts, 'device chosen');
  else log.warn(facts, 'the configured device does not work; the CPU takes over as allowed');
  return device;
}

/** One line: what works, or why it does not. */
export function describeDevice({ device, isAvailable, message }: DeviceReport): string {
  return `${device}: ${isAvailable ? 'works' : 'not usable'}, ${message}`;
}
