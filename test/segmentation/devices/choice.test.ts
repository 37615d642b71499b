import { describe, expect, it } from '@jest/globals';
import { chooseDevice, examineDevice } from '../../../src/segmentation/index.ts';

const cuda = await examineDevice('cuda', 0);
if (cuda.isAvailable)
  process.stdout.write('Skipped: this machine has CUDA, so nothing falls back.\n');
const withoutCuda = cuda.isAvailable ? it.skip : it;

describe('choice of the device', () => {
  it('finds the CPU working, by running on it', async () => {
    expect(await examineDevice('cpu', 0)).toMatchObject({ isAvailable: true, next: null });
  });

  it('looks at nothing where the CPU or a server is asked for', async () => {
    for (const device of ['cpu', 'kserve'] as const) {
      const choice = await chooseDevice({ device, deviceId: 0, allowCpuFallback: false });
      expect(choice).toEqual({ device, reports: [] });
    }
  });

  withoutCuda('refuses a device that does not work, and says what to install', async () => {
    const wishes = { device: 'cuda', deviceId: 0, allowCpuFallback: false } as const;
    await expect(chooseDevice(wishes)).rejects.toMatchObject({
      code: 'DEVICE_NOT_AVAILABLE',
      errorClass: 'usage',
      origin: 'device',
      message: expect.stringContaining('libonnxruntime_providers_cuda.so'),
      next: expect.stringMatching(/docs\/gpu\.md.*allowCpuFallback/),
    });
  });

  withoutCuda('lets the CPU take over where that is allowed, and says why', async () => {
    const choice = await chooseDevice({ device: 'cuda', deviceId: 0, allowCpuFallback: true });
    expect(choice.device).toBe('cpu');
    expect(choice.reports).toMatchObject([{ device: 'cuda', isAvailable: false }]);
  });

  withoutCuda('says of each device that auto did not take why', async () => {
    const choice = await chooseDevice({ device: 'auto', deviceId: 0, allowCpuFallback: false });
    expect(choice.reports[0]).toMatchObject({ device: 'cuda', isAvailable: false });
    if (choice.device === 'cpu')
      expect(choice.reports.map((report) => report.device)).toEqual(['cuda', 'webgpu']);
    for (const report of choice.reports) expect(report.message).not.toBe('');
  });
});
