import { connectKserve, type RemoteEngine } from '../../../src/segmentation/engine/kserve.ts';
import type {
  KserveSettings,
  RemoteModel,
} from '../../../src/segmentation/engine/kserve-settings.ts';
import { probePatch, sampleLogits } from '../../../src/segmentation/engine/probe.ts';
import { CHANNELS, HEADS, logitsOf, PATCH } from './inference-server.ts';

export const FILE = '/nowhere/fold-0.onnx';
export const SHA256 = 'ab'.repeat(32);

export function remoteSettings(url: string, changes: Partial<KserveSettings> = {}): KserveSettings {
  return {
    url,
    headers: {},
    ca: null,
    timeoutSeconds: 10,
    parallel: 2,
    models: { name: '{model}-fold-{fold}', version: null },
    requireVerifiedWeights: true,
    ...changes,
  };
}

/** Connects for the network of the test server; its fingerprint is the true one unless replaced. */
export function connectTo(
  url: string,
  settings: Partial<KserveSettings> = {},
  network: Partial<RemoteModel['networks'][number]> = {},
): Promise<RemoteEngine> {
  const fingerprint = sampleLogits(logitsOf(probePatch(CHANNELS, PATCH)));
  const networks = [{ fold: 0, file: FILE, sha256: SHA256, fingerprint, ...network }];
  return connectKserve({
    task: {
      settings: remoteSettings(url, settings),
      model: { name: 'm', version: '1', networks },
    },
    architecture: { inputChannels: CHANNELS, heads: HEADS },
    patch: PATCH,
    threads: 1,
    pauses: [1, 1],
  });
}
