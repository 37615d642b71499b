import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadModelSources, type ModelSource } from '../../src/config/index.ts';
import { pinLines, pullModel, type PullOptions } from '../../src/model-pull.ts';
import { loadModel } from '../../src/segmentation/index.ts';
import { failureOf, serveFile } from '../download/server.ts';
import { nnunetFiles } from '../segmentation/support/nnunet-folder.ts';
import { writeZip } from '../segmentation/support/zip-writer.ts';
import { runCli } from '../support/cli.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server.ts';
import { STRUCTURES } from '../support/structures.ts';

/** As MRSegmentator's weights are published: the nnU-Net folder and a version.json, in a folder or not. */
function weightsZip(seed = 1, below = ''): Uint8Array {
  const labels = { background: 0, liver: 1, spleen: 2 };
  const files = nnunetFiles({ folds: [0, 1], dataset: { labels }, seed });
  files.set('version.json', Buffer.from('{"weights_version": 1.2}'));
  return writeZip(
    [...files].map(([name, bytes]) => ({
      name: below + name,
      bytes,
      deflate: name.endsWith('.json'),
    })),
  );
}
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const ZIP = weightsZip();

let folder: string;
let server: FaultServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-pull-'));
  server = await startFaultServer();
  server.handle(serveFile({ bytes: ZIP }));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function source(change: Partial<ModelSource> = {}): ModelSource {
  return {
    address: `${server.url}/weights.zip`,
    sha256: sha(ZIP),
    version: '1.2',
    licence: 'Apache-2.0',
    intendedUse: 'Tests.',
    doi: '10.1148/ryai.240777',
    sequences: ['haste'],
    structures: {},
    card: { manufacturer: 'Test makers' },
    acceptTrainers: [],
    ...change,
  };
}

function options(change: Partial<PullOptions> = {}): PullOptions {
  return {
    wanted: 'tiny',
    sources: { tiny: source() },
    folder: join(folder, 'models'),
    downloads: join(folder, 'downloads'),
    downloadLimit: 2 ** 24,
    structures: STRUCTURES,
    patience: { backOff: 1, longestBackOff: 2, tries: 2 },
    now: () => new Date('2026-03-01T10:00:00Z'),
    ...change,
  };
}

describe('pulling a model by its name', () => {
  it('makes a model folder with all that the source says, and where it came from', async () => {
    await mkdir(join(folder, 'models'));
    const told: string[] = [];
    const pulled = await pullModel(options({ onProgress: (text) => told.push(text) }));
    expect(pulled).toMatchObject({ kind: 'pulled', sha256: sha(ZIP), pinned: true });
    const { manifest, version, folds, structures } = await loadModel(
      join(folder, 'models', 'tiny'),
    );
    expect({ version, folds, structures }).toEqual({
      version: '1.2',
      folds: [0, 1],
      structures: { 1: 'liver', 2: 'spleen' },
    });
    expect(manifest).toMatchObject({
      licence: 'Apache-2.0',
      sequences: ['haste'],
      card: { manufacturer: 'Test makers', doi: '10.1148/ryai.240777' },
      source: {
        weightsVersion: '1.2',
        download: {
          address: `${server.url}/weights.zip`,
          sha256: sha(ZIP),
          bytes: ZIP.length,
          at: '2026-03-01T10:00:00.000Z',
        },
      },
    });
    expect(pulled.notes).toEqual(['version.json in the archive says weights 1.2']);
    expect(await readdir(join(folder, 'downloads'))).toEqual([]);
    expect(told.some((text) => /^tiny: .*MiB/.test(text))).toBe(true);
  });

  it('says the second time that it is there and intact, and asks nobody', async () => {
    const first = await pullModel(options());
    await server.close();
    const again = await pullModel(options());
    expect(again).toMatchObject({ kind: 'there', sha256: sha(ZIP), pinned: true });
    expect(again.model.hash).toBe(first.model.hash);
    server = await startFaultServer();
  });

  it('leaves a model alone that is not intact, or has another archive', async () => {
    await pullModel(options());
    const other = options({ sources: { tiny: source({ sha256: 'ab'.repeat(32) }) } });
    expect(await failureOf(pullModel(other))).toMatchObject({
      code: 'MODEL_EXISTS',
      message: expect.stringContaining('another archive is meant now'),
      next: expect.stringContaining('situs model remove tiny'),
    });
    const network = join(folder, 'models', 'tiny', 'fold-0.onnx');
    const bytes = await readFile(network);
    await writeFile(network, bytes.subarray(1));
    expect(await failureOf(pullModel(options()))).toMatchObject({
      code: 'MODEL_EXISTS',
      message: expect.stringContaining('not intact'),
    });
  });

  it('unpacks nothing when the hash is another', async () => {
    const wrong = options({ sources: { tiny: source({ sha256: 'ab'.repeat(32) }) } });
    expect((await failureOf(pullModel(wrong))).code).toBe('DOWNLOAD_HASH_DIFFERS');
    expect(await readdir(folder)).toEqual(['downloads']);
    expect(await readdir(join(folder, 'downloads'))).toEqual([]);
  });

  it('keeps the archive when the import fails, and does not download it again', async () => {
    const strange = options({ sources: { tiny: source({ structures: { liver: 'zebra' } }) } });
    expect((await failureOf(pullModel(strange))).code).toBe('MODEL_STRUCTURE_UNKNOWN');
    const asked = server.received.length;
    expect((await pullModel(options())).kind).toBe('pulled');
    expect(server.received).toHaveLength(asked);
    expect(await readdir(join(folder, 'downloads'))).toEqual([]);
  });

  it('tells when the weights call themselves otherwise', async () => {
    const pulled = await pullModel(options({ sources: { tiny: source({ version: '1.3' }) } }));
    expect(pulled.notes[0]).toMatch(/says weights 1\.2, the source says 1\.3/);
  });

  it('lets only one at a time, but is not stopped by the lock of a dead process', async () => {
    const lock = join(folder, 'downloads', 'tiny.lock');
    await mkdir(join(folder, 'downloads'));
    await writeFile(lock, String(process.pid));
    expect((await failureOf(pullModel(options()))).code).toBe('MODEL_PULL_RUNS');
    await writeFile(lock, '4194304999');
    expect((await pullModel(options())).kind).toBe('pulled');
  });

  it('names the nearest when there is no such source', async () => {
    const error = await failureOf(pullModel(options({ wanted: 'tinny' })));
    expect(error.code).toBe('MODEL_SOURCE_UNKNOWN');
    expect(error.message).toContain('did you mean "tiny"?');
  });
});

describe('pulling a model by its address', () => {
  const byAddress = (change: Partial<PullOptions> = {}) =>
    options({ wanted: `${server.url}/weights.zip`, name: 'ours', ...change });

  it('takes the version of the weights, and says how to pin what came', async () => {
    const pulled = await pullModel(byAddress());
    expect(pulled).toMatchObject({ kind: 'pulled', pinned: false, model: { version: '1.2' } });
    expect(pinLines(pulled)).toEqual([
      'models:',
      '  sources:',
      '    ours:',
      `      address: "${server.url}/weights.zip"`,
      `      sha256: ${sha(ZIP)}`,
    ]);
    expect((await pullModel(byAddress())).kind).toBe('there');
  });

  it('checks a hash that is given', async () => {
    const wrong = byAddress({ sha256: 'ab'.repeat(32) });
    expect((await failureOf(pullModel(wrong))).code).toBe('DOWNLOAD_HASH_DIFFERS');
    expect((await pullModel(byAddress({ sha256: sha(ZIP) }))).pinned).toBe(true);
  });

  it('needs a name, and encryption or a hash', async () => {
    const nameless = options({ wanted: `${server.url}/weights.zip` });
    expect((await failureOf(pullModel(nameless))).code).toBe('MODEL_NAME_NEEDED');
    const open = byAddress({ wanted: 'http://models.example.org/weights.zip' });
    expect((await failureOf(pullModel(open))).code).toBe('MODEL_ADDRESS_INSECURE');
  });

  it('refuses a page where an archive should be', async () => {
    server.handle((_request, response) => void response.end('<html>Sign in</html>'));
    expect((await failureOf(pullModel(byAddress()))).code).toBe('ZIP_NOT_A_ZIP');
    server.handle(serveFile({ bytes: ZIP }));
    expect((await pullModel(byAddress())).kind).toBe('pulled');
  });
});

describe('the sources that come with Situs', () => {
  it('are pinned, over https, and a site’s win', async () => {
    const shipped = await loadModelSources({
      models: { folder: '', downloads: '', downloadLimit: 1, sources: {} },
    });
    expect(Object.keys(shipped).sort()).toEqual([
      'mrsegmentator',
      'mrsegmentator-body-composition',
    ]);
    for (const one of Object.values(shipped)) {
      expect(one.address).toMatch(/^https:/);
      expect(one.sha256).toHaveLength(64);
      expect(one.licence).toBe('Apache-2.0');
    }
    const sources = { mrsegmentator: source() };
    const merged = await loadModelSources({
      models: { folder: '', downloads: '', downloadLimit: 1, sources },
    });
    expect(merged['mrsegmentator']).toEqual(sources.mrsegmentator);
  });
});

it('works from the command line, with the archive some folders down', async () => {
  server.handle(serveFile({ bytes: weightsZip(2, 'weights/') }));
  const config = join(folder, 'situs.yaml');
  await writeFile(
    config,
    `archives: [{ name: main, url: "http://127.0.0.1:1/dicom-web" }]
models: { folder: models, downloads: downloads }
files:
  rules: ${join(process.cwd(), 'config/rules.yaml')}
  structures: ${join(process.cwd(), 'config/structures.json')}
`,
  );
  const pull = ['model', 'pull', `${server.url}/w.zip`, '--name', 'ours', '--config', config];
  const first = await runCli(pull);
  expect(first.err).not.toContain('MODEL_');
  expect(first.code).toBe(0);
  expect(first.out).toContain('ours 1.2: 2 folds, 2 structures, licence unknown');
  expect(first.out).toMatch(/pin it in situs\.yaml:[^]*sha256: [0-9a-f]{64}/);
  const again = await runCli(pull);
  expect(again.out).toContain('ours is there already, and intact.');
  const listed = await runCli(['model', 'pull', '--config', config]);
  expect(listed.out).toMatch(/mrsegmentator +1\.2 +Apache-2\.0 +yes +no +https:/);
});
