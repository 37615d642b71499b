import { fault } from '../../contracts/index.ts';
import type { SegmentTask } from '../pipeline.ts';
import type { Engine } from './engine.ts';
import { connectKserve } from './kserve.ts';
import { onnxRuntimeEngine } from './onnx-runtime.ts';

/**
 * The engine that a task asks for.
 * @throws SitusError `DEVICE_NOT_AVAILABLE`, `KSERVE_*`.
 */
export async function openEngine(
  task: Pick<
    SegmentTask,
    'device' | 'deviceId' | 'deviceMemoryLimit' | 'threads' | 'volumes' | 'remote' | 'plan'
  >,
): Promise<Engine> {
  const { device, threads, remote, plan, deviceId, deviceMemoryLimit, volumes } = task;
  if (device !== 'kserve') {
    return onnxRuntimeEngine({
      device,
      threads,
      ...(deviceId === undefined ? {} : { deviceId }),
      memoryLimit: deviceMemoryLimit ?? null,
      ...(volumes === undefined ? {} : { volumes }),
    });
  }
  if (remote === undefined) throw fault('KSERVE_NOT_CONFIGURED', 'A task names no server.');
  return connectKserve({
    task: remote,
    architecture: plan.architecture,
    patch: plan.patchSize,
    threads,
  });
}
