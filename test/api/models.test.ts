import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modelSchema, studySchema } from '../../src/api/schemas.ts';
import { SERVICE } from '../records/fixtures.ts';
import { modelCardOf } from '../support/model-card.ts';
import { fillScene, tokenOf, type Scene } from '../support/records-scene.ts';
import { ask, get, startTestApi, type ApiUnderTest } from './api-under-test.ts';
import { failure } from './failure.ts';

let api: ApiUnderTest;
let scene: Scene;
let auditor = '';

beforeAll(async () => {
  api = await startTestApi();
  scene = await fillScene(api.records);
  auditor = await tokenOf(api.records, 'auditor');
}, 180_000);
afterAll(() => api.stop());

describe('GET /api/models/{name}', () => {
  it('gives the whole card, as it was when jobs ran with the model', async () => {
    const card = await get(modelSchema, `${api.url}/api/models/demo`, auditor);
    expect(card).toEqual(modelCardOf({ version: card.version, hash: card.hash }));
  });

  it('gives the latest of several of a name, or the one of a hash', async () => {
    const older = modelCardOf({ name: 'twice', licence: 'CC-BY-4.0' });
    await api.records.models.register(SERVICE, older);
    await api.records.models.register(SERVICE, { ...older, licence: 'MIT', hash: '4'.repeat(64) });
    const at = `${api.url}/api/models/twice`;
    expect((await get(modelSchema, at, auditor)).licence).toBe('MIT');
    const one = await get(modelSchema, `${at}?hash=${older.hash}`, auditor);
    expect(one.licence).toBe('CC-BY-4.0');
  });

  it.each([
    ['unknown', 404, 'NOT_FOUND'],
    [`demo?hash=${'0'.repeat(64)}`, 404, 'NOT_FOUND'],
    ['demo?hash=short', 400, 'BAD_REQUEST'],
    ['demo?version=1', 400, 'BAD_REQUEST'],
    ['a%00b', 400, 'BAD_REQUEST'],
  ])('answers %s with %d %s', async (path, status, code) => {
    expect(await ask(`${api.url}/api/models/${path}`, { token: auditor })).toEqual(
      failure(status, code),
    );
  });
});

describe('a study', () => {
  const study = async () => get(studySchema, `${api.url}/api/studies/${scene.stored}`, auditor);

  it('names with each job what its model is for, and what ran it', async () => {
    const card = modelCardOf();
    for (const { model, device, engine, weightsVerified, inference } of (await study()).jobs) {
      expect(inference).toEqual({ folds: [0], stepSize: null, mirroring: null, splitLevel: null });
      expect(model).toMatchObject({ licence: card.licence, intendedUse: card.intendedUse });
      expect({ device, engine, weightsVerified }).toEqual({
        device: 'cpu',
        engine: 'onnxruntime',
        weightsVerified: null,
      });
    }
  });
});
