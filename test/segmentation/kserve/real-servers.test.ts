import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basename, join } from 'node:path';
import type { Labels } from '../../../src/contracts/index.ts';
import {
  DEFAULT_KSERVE_MODELS,
  exportTriton,
  importModel,
  segment,
  type KserveSettings,
  type LoadedModel,
  type SegmentOptions,
} from '../../../src/segmentation/index.ts';
import { rejection } from '../support/errors.ts';
import { allGoldens, openGolden, TINY } from '../support/goldens.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';
import { realServers, startRealServer, type RunningServer } from '../support/real-servers.ts';
import { remoteSettings } from '../support/remote.ts';

const servers = realServers();
if (servers.length === 0) {
  console.log(
    'Skipped: real KServe v2 servers. Name Pythons that have nvidia-pytriton, mlserver or kserve, and onnxruntime, in SITUS_KSERVE_PYTHON.',
  );
}
/** Servers that speak JSON only are spared the larger cases. */
const cases = (name: string): string[] => (name === 'MLServer' ? [TINY] : allGoldens());

async function segmentGolden(
  directory: string,
  model: LoadedModel,
  options: Partial<SegmentOptions>,
): Promise<Labels> {
  return segment(openGolden(directory).volume, model, {
    folds: 'all',
    device: 'kserve',
    threads: 1,
    spacingMode: 'true',
    ...options,
  });
}

/** jest wants at least one row of a table, also of one that is skipped. */
const table = servers.length > 0 ? servers : [{ name: 'none', python: '', script: '' }];

(servers.length > 0 ? describe : describe.skip).each(table)('a real server: $name', (server) => {
  const folder = temporaryFolder();
  const repository = join(folder, 'repository');
  const models = new Map<string, LoadedModel>();
  let running: RunningServer;
  let settings: KserveSettings;

  beforeAll(async () => {
    for (const directory of cases(server.name)) {
      const name = `golden-${basename(directory)}`;
      const out = join(folder, name);
      const model = await importModel({
        input: join(directory, 'model'),
        out,
        name,
        version: '1',
      });
      models.set(directory, model);
      await exportTriton({ model, out: repository, models: DEFAULT_KSERVE_MODELS });
    }
    running = await startRealServer(server, repository);
    settings = remoteSettings(running.url, { parallel: 3, timeoutSeconds: 60 });
  });
  afterAll(() => running.stop());

  it.each(cases(server.name))('gives the labels of the local engine: %s', async (directory) => {
    const model = models.get(directory);
    if (model === undefined) throw new Error('the model was not imported');
    const local = await segmentGolden(directory, model, { device: 'cpu' });
    const remote = await segmentGolden(directory, model, { kserve: settings });
    const different = remote.voxels.filter((label, i) => label !== local.voxels[i]).length;
    const { engine, remote: where } = remote.run;
    console.log(
      `${basename(directory)}: ${different} of ${local.voxels.length} labels differ, ${engine}, logits off by ${where?.networks.map(({ deviation }) => deviation).join(', ')}`,
    );
    expect(different).toBe(0);
    expect(remote.run.device).toBe('kserve');
    expect(engine.toLowerCase()).toMatch(
      new RegExp(`^${server.name.toLowerCase()} \\d.* via KServe v2$`, 'i'),
    );
    expect(where?.weightsVerified).toBe(true);
    for (const { deviation } of where?.networks ?? []) expect(deviation).toBeLessThan(1e-4);
    if (server.name === 'Triton') {
      expect(where?.networks.map(({ sha256 }) => sha256)).toEqual(
        model.manifest.folds.map(({ sha256 }) => sha256),
      );
    }
  });

  it('is refused when it has not got the model', async () => {
    const model = models.get(TINY);
    if (model === undefined) throw new Error('the model was not imported');
    const kserve = { ...settings, models: { name: 'other-{fold}', version: null } };
    const error = await rejection(segmentGolden(TINY, model, { kserve }));
    expect(error).toMatchObject({ code: 'KSERVE_MODEL_MISSING', errorClass: 'usage' });
  });

  it('is refused when it runs other weights under the name', async () => {
    const model = models.get(TINY);
    if (model === undefined) throw new Error('the model was not imported');
    const kserve = { ...settings, models: { name: '{model}-fold-0', version: null } };
    const error = await rejection(segmentGolden(TINY, model, { folds: [1], kserve }));
    expect(error).toMatchObject({ code: 'KSERVE_WEIGHTS_DIFFER', errorClass: 'usage' });
  });

  it('is left at once when the work is cancelled, and serves the next one', async () => {
    const model = models.get(TINY);
    if (model === undefined) throw new Error('the model was not imported');
    const controller = new AbortController();
    const work = segmentGolden(TINY, model, {
      kserve: settings,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'network') controller.abort();
      },
    });
    expect((await rejection(work))?.code).toBe('SEGMENTATION_ABORTED');
    expect((await segmentGolden(TINY, model, { kserve: settings })).run.device).toBe('kserve');
  });
});

if (servers.length === 0) {
  describe('a real server', () => {
    it.skip('gives the labels of the local engine', () => undefined);
  });
}
