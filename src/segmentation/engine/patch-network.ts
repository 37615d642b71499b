import * as ort from 'onnxruntime-node';
import { dirname } from 'node:path';
import { fault } from '../../contracts/index.ts';
import { readNetworkFile } from '../fused/network-file.ts';
import { spliceNetwork } from '../fused/splice.ts';
import { GraphBuilder } from '../onnx/graph.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../onnx/unet.ts';
import type { Vec3 } from '../plans/plan.ts';
import type { PatchNetwork, Placement } from './engine.ts';
import type { ModelSource, Runtime } from './session.ts';
import { openWatched } from './watched-session.ts';

/**
 * A network that gets patches from the host and gives logits back. On devices other than the CPU its first run is watched.
 * @param told gets what ran where in the first run
 * @throws SitusError `DEVICE_NOT_AVAILABLE`, `DEVICE_FELL_BACK` (first run), `DEVICE_FAILED`, `NETWORK_*`.
 */
export async function openPatchNetwork(
  runtime: Runtime,
  source: ModelSource,
  shape: readonly number[],
  told: (placement: Placement) => void,
): Promise<PatchNetwork> {
  const session = await openWatched(runtime, source, told);
  return {
    async run(values) {
      const input = new ort.Tensor('float32', values, shape);
      const answer = await session.run({ [NETWORK_INPUT]: input });
      const data = answer[NETWORK_OUTPUT]?.data;
      if (!(data instanceof Float32Array)) {
        throw fault('NETWORK_OUTPUT', `The network has no output named ${NETWORK_OUTPUT}.`);
      }
      return data;
    },
    close: () => session.release(),
  };
}

/**
 * The network without transposed convolutions, for devices that lack them. Weights stay in the file.
 * @param file the fold's network
 */
export function withoutTransposedConvolutions(
  file: string,
  inputChannels: number,
  patch: Vec3,
): ModelSource {
  const graph = new GraphBuilder();
  const logits = spliceNetwork(graph, readNetworkFile(file), NETWORK_INPUT, {
    prefix: '',
    upsample: { patch },
  });
  graph.namedNode('Identity', [logits], NETWORK_OUTPUT);
  const model = graph.finish(
    'situs_patch',
    { name: NETWORK_INPUT, shape: [1, inputChannels, ...patch] },
    { name: NETWORK_OUTPUT, shape: [1, 'heads', ...patch] },
  );
  return { model, weightsFolder: dirname(file) };
}
