import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSitusConfig, type SitusConfig } from '../src/config/index.ts';
import { kserveModels, kserveSettings } from '../src/kserve.ts';
import { errorOf } from './segmentation/support/errors.ts';

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
