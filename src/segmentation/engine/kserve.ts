import type { RemoteRun } from '../../contracts/index.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../onnx/unet.ts';
import type { Architecture, Vec3 } from '../plans/plan.ts';
import type { Engine, PatchNetwork } from './engine.ts';
import { askNetwork, askServer, type ExpectedNetwork } from './kserve-checks.ts';
import { createKserveClient, type KserveClient } from './kserve-client.ts';
import type { RemoteTask, ServedName } from './kserve-settings.ts';
import { servedName, servedPath } from './kserve-settings.ts';
import { inferRequest, isBinary, readInferAnswer, type TensorForm } from './kserve-tensors.ts';
import { checkWeights } from './kserve-weights.ts';

export interface KserveOptions {
  readonly task: RemoteTask;
  readonly architecture: Pick<Architecture, 'inputChannels' | 'heads'>;
  readonly patch: Vec3;
  /** For a probe patch that has to be computed here. */
  readonly threads: number;
  /** Milliseconds before each further attempt of a request that failed. */
  readonly pauses?: readonly number[];
}

/** An engine on another machine, with what the run records about it. */
export interface RemoteEngine extends Engine {
  readonly remote: RemoteRun;
  /** Ends requests that are under way. */
  close(): Promise<void>;
}

/**
 * Networks on a server that speaks KServe v2 over HTTP (Open Inference Protocol, with the extension "binary tensor
 * data" where the server has it). Everything is checked before the first patch: server and networks ready, names, types
 * and shapes of the tensors as in the plan, the same weights as in the local model folder.
 * @throws SitusError `KSERVE_*`
 */
export async function connectKserve(options: KserveOptions): Promise<RemoteEngine> {
  const { task, pauses, patch } = options;
  const { settings, model } = task;
  const { inputChannels } = options.architecture;
  const client = createKserveClient({ settings, pauses });
  try {
    const server = await askServer(client);
    const networks: RemoteRun['networks'][number][] = [];
    const opened = new Map<string, PatchNetwork>();
    for (const { fold, file, sha256, fingerprint } of model.networks) {
      const served = servedName(settings.models, model, fold);
      const expected = expectedNetwork(options, served);
      const facts = await askNetwork(client, expected);
      const remote = remoteNetwork(client, expected, server.form, settings.parallel);
      const weights = await checkWeights({
        asked: { method: 'POST', url: `${settings.url}/${servedPath(served)}` },
        model: served.name,
        file,
        sha256,
        fingerprint,
        declared: facts.sha256,
        remote,
        channels: inputChannels,
        patch,
        threads: options.threads,
        required: settings.requireVerifiedWeights,
      });
      opened.set(file, remote);
      networks.push({
        fold,
        name: served.name,
        version: facts.version,
        sha256: facts.sha256,
        deviation: weights.deviation,
        verified: weights.verified,
      });
    }
    return {
      name: `${server.name} via KServe v2`,
      device: 'kserve',
      remote: {
        url: settings.url,
        weightsVerified: networks.every(({ verified }) => verified),
        networks,
      },
      open(file) {
        const network = opened.get(file);
        return network === undefined
          ? Promise.reject(new RangeError(`${file} is none of the networks that were checked.`))
          : Promise.resolve(network);
      },
      close: () => client.close(),
    };
  } catch (thrown) {
    await client.close();
    throw thrown;
  }
}

function expectedNetwork(
  { architecture, patch }: KserveOptions,
  served: ServedName,
): ExpectedNetwork {
  return {
    served,
    input: { name: NETWORK_INPUT, shape: [1, architecture.inputChannels, ...patch] },
    output: { name: NETWORK_OUTPUT, shape: [1, architecture.heads, ...patch] },
  };
}

function remoteNetwork(
  client: KserveClient,
  { served, input, output }: ExpectedNetwork,
  told: TensorForm,
  parallel: number,
): PatchNetwork {
  let form = told;
  const path = `${servedPath(served)}/infer`;
  return {
    parallel,
    run: (patch) =>
      client.send({
        method: 'POST',
        path,
        ...inferRequest(input, patch, output.name, form),
        read: (answer) => {
          if (isBinary(answer)) form = 'binary';
          return readInferAnswer(answer, output);
        },
      }),
    close: () => Promise.resolve(),
  };
}
