import { readNetworkFile } from '../fused/network-file.ts';
import { patchBytes, requireDeviceMemory } from './device-memory.ts';
import type { Engine, EngineOptions, LocalDevice, Placement, VolumeMode } from './engine.ts';
import { labelFused } from './fused-volume.ts';
import { openPatchNetwork, withoutTransposedConvolutions } from './patch-network.ts';
import { addPlacements } from './placement.ts';
import { labelResident } from './resident-volume.ts';
import { openRuntime } from './session.ts';

/**
 * How whole volumes are worked on: on the CPU adding up on the host is cheaper than in a graph; CUDA's tensors can't be kept
 * between calls, so all is one call; TensorRT gets plain networks only; WebGPU keeps its tensors (nnunet-inference §9).
 */
const MODES: Readonly<Record<LocalDevice, VolumeMode>> = {
  cpu: 'host',
  cuda: 'fused',
  tensorrt: 'host',
  webgpu: 'resident',
};

/**
 * ONNX Runtime in this thread. `run` blocks the thread, so this belongs in a process of its own.
 * @throws SitusError `DEVICE_NOT_AVAILABLE` when the runtime of this machine lacks the device's provider.
 */
export function onnxRuntimeEngine(options: EngineOptions): Engine {
  const { device } = options;
  const runtime = openRuntime(options);
  const mode = options.volumes ?? MODES[device];
  let placement: Placement | null = null;
  const told = (more: Placement): void => {
    placement = placement === null ? more : addPlacements(placement, more);
  };
  return {
    name: runtime.name,
    device,
    async open(file, inputChannels, patch) {
      if (runtime.memoryLimit !== null && device !== 'cpu') {
        const network = readNetworkFile(file);
        requireDeviceMemory(patchBytes(network, patch), runtime.memoryLimit);
      }
      const source =
        device === 'webgpu'
          ? withoutTransposedConvolutions(file, inputChannels, patch)
          : { model: file };
      return openPatchNetwork(runtime, source, [1, inputChannels, ...patch], told);
    },
    ...(mode === 'host'
      ? {}
      : {
          labelVolume: (work) =>
            mode === 'fused' ? labelFused(runtime, work, told) : labelResident(runtime, work, told),
        }),
    placement: () => placement,
  };
}
