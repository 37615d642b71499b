import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSitusConfig, type SitusConfig } from '../src/config/index.ts';
import { checkServedModel, kserveModels, kserveSettings } from '../src/kserve.ts';
import { probePatch, sampleLogits } from '../src/segmentation/engine/probe.ts';
import { loadModel, type LoadedModel } from '../src/segmentation/index.ts';
import { errorOf, rejection } from './segmentation/support/errors.ts';
import {
  CHANNELS,
  HEADS,
  jsonAnswer,
  logitsOf,
  PATCH,
  startInferenceServer,
} from './segmentation/support/inference-server.ts';
import { writeTinyModel } from './support/tiny-model.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-kserve-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function configured(kserve: string): Promise<SitusConfig> {
  const path = join(folder, 'situs.yaml');
  const archive = 'archives: [{ name: main, url: "http://127.0.0.1/dicom-web" }]';
  await writeFile(path, `${archive}\nsegmentation: { ${kserve} }\n`);
  return (await loadSitusConfig(path, {})).value;
}

describe('the inference server of the configuration', () => {
  it('is none unless named', async () => {
    const config = await configured('device: cpu');
    expect(kserveSettings(config)).toBeNull();
    expect(kserveModels(config)).toEqual({ name: '{model}-fold-{fold}', version: null });
  });

  it.each([
    ['none', {}],
    ['basic, user: jo, password: "p:w"', { authorization: 'Basic am86cDp3' }],
    ['bearer, token: t0', { authorization: 'Bearer t0' }],
    ['headers, headers: { X-Api-Key: k }', { 'X-Api-Key': 'k' }],
  ])('gets its credentials as headers: %s', async (auth, headers) => {
    const config = await configured(`kserve: { url: "http://gpu:8000/", auth: { kind: ${auth} } }`);
    expect(kserveSettings(config)).toMatchObject({ url: 'http://gpu:8000', headers });
  });

  it('reads its certificate, and says so when it can’t', async () => {
    const config = await configured('kserve: { url: "https://gpu", tls: { ca: ca.pem } }');
    expect(errorOf(() => kserveSettings(config))).toMatchObject({
      code: 'KSERVE_CA_UNREADABLE',
      errorClass: 'usage',
    });
    await writeFile(join(folder, 'ca.pem'), 'CERTIFICATE');
    expect(kserveSettings(config)?.ca).toBe('CERTIFICATE');
  });
});

describe('checking the server for a model, as doctor does', () => {
  /** A model of this host whose network is that of the test server. */
  async function servedModel(): Promise<LoadedModel> {
    await writeTinyModel(folder, 'm');
    const model = await loadModel(join(folder, 'm'));
    const { plan, folds } = model.manifest;
    const architecture = { ...plan.architecture, inputChannels: CHANNELS, heads: HEADS };
    const sha256 = folds[0]?.sha256 ?? '';
    return {
      ...model,
      manifest: {
        ...model.manifest,
        plan: { ...plan, patchSize: [...PATCH], architecture },
      },
      fingerprints: { [sha256]: sampleLogits(logitsOf(probePatch(CHANNELS, PATCH))) },
    };
  }

  it('says what answered and how well', async () => {
    const server = await startInferenceServer();
    const config = await configured(`kserve: { url: "${server.url}" }`);
    expect(await checkServedModel(config, await servedModel())).toBe(
      'test 9 via KServe v2, 1 of its networks ready; logits off by 0; hashes not told by the server',
    );
  });

  it('throws what a segmentation would', async () => {
    const server = await startInferenceServer(({ path }) =>
      path.endsWith('/m-fold-0') ? jsonAnswer({ error: 'unknown' }, 404) : null,
    );
    const config = await configured(`kserve: { url: "${server.url}" }`);
    const error = await rejection(checkServedModel(config, await servedModel()));
    expect(error?.code).toBe('KSERVE_MODEL_MISSING');
  });
});
