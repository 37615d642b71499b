import * as ort from 'onnxruntime-node';
import { dirname } from 'node:path';
import { fault } from '../../contracts/index.ts';
import { readNetworkFile } from '../fused/network-file.ts';
import { spliceNetwork } from '../fused/splice.ts';
import { GraphBuilder } from '../onnx/graph.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../onnx/unet.ts';
import type { Vec3 } from '../plans/plan.ts';
import type { PatchNetwork, Placement } from './engine.ts';
import { recordPlacement } from './placement.ts';
import type { ModelSource, Runtime } from './session.ts';
import { createSession, runSession } from './session.ts';

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
  const recorder = runtime.device === 'cpu' ? null : await recordPlacement(runtime.device);
  const session = await createSession(runtime, {
    ...source,
    options: { ...source.options, ...recorder?.options },
  }).catch(async (error: unknown) => {
    await recorder?.discard();
    throw error;
  });
  let isWatched = recorder !== null;
  return {
    async run(values) {
      const input = new ort.Tensor('float32', values, shape);
      const answer = await runSession(runtime, session, { [NETWORK_INPUT]: input });
      if (isWatched && recorder !== null) {
        isWatched = false;
        told(await recorder.read(session));
      }
      const data = answer[NETWORK_OUTPUT]?.data;
      if (!(data instanceof Float32Array)) {
        throw fault('NETWORK_OUTPUT', `The network has no output named ${NETWORK_OUTPUT}.`);
      }
      return data;
    },
    async close() {
      await session.release();
      if (isWatched) await recorder?.discard();
    },
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
