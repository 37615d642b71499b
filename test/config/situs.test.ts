import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadSitusConfig } from '../../src/config/index.ts';
import { errorOf, inFolder, loadText, problemsOf } from './files.ts';

const SMALL = `archives:
  - name: main
    url: http://127.0.0.1:8042/dicom-web
database: { embedded: pg }
workFolder: work
models: { folder: models }
`;

describe('situs.yaml', () => {
  it('fills in safe defaults and makes paths absolute from its own folder', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'situs.yaml');
      await writeFile(path, SMALL);
      const { value } = await loadSitusConfig(path, {});
      expect(value.workFolder).toBe(join(folder, 'work'));
      expect(value.models.folder).toBe(join(folder, 'models'));
      expect(value.database).toEqual({ embedded: join(folder, 'pg') });
      expect(value.files.rules).toBe(join(folder, 'rules.yaml'));
      expect(value.api).toEqual({ host: '127.0.0.1', port: 8043 });
      expect(value.privacy.maskPatientData).toBe(true);
      expect(value.segmentation).toEqual({
        device: 'auto',
        threads: 0,
        spacingMode: 'true',
        memoryLimit: null,
        allowCpuFallback: false,
        gpu: { id: 0, memoryLimit: null },
      });
      expect(value.archives[0]).toMatchObject({
        auth: { kind: 'none' },
        limits: { requestsPerSecond: 10, parallel: 4 },
      });
    });
  });

  it('reads an inference server with defaults that are safe, and its secrets', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'situs.yaml');
      const server =
        'segmentation:\n  device: kserve\n  kserve: { url: "https://gpu:8000", auth: { kind: bearer, token: "${env:TOKEN}" }, tls: { ca: ca.pem } }\n';
      await writeFile(path, SMALL + server);
      const { value } = await loadSitusConfig(path, { TOKEN: 'secret' });
      expect(value.segmentation.kserve).toEqual({
        url: 'https://gpu:8000',
        auth: { kind: 'bearer', token: 'secret' },
        tls: { ca: join(folder, 'ca.pem') },
        timeoutSeconds: 60,
        parallel: 2,
        models: { name: '{model}-fold-{fold}' },
        requireVerifiedWeights: true,
      });
    });
  });

  it.each([
    ['a device without its server', 'device: kserve', /needs `kserve/],
    ['an unknown key', 'kserve: { url: "http://gpu", timeout: 5 }', /timeoutSeconds/],
    ['an address without a protocol', 'kserve: { url: "gpu:8000" }', /http:/],
  ])('refuses %s', async (_, line, message) => {
    const text = `${SMALL}segmentation:\n  ${line}\n`;
    const problems = problemsOf(await errorOf(text, (path) => loadSitusConfig(path, {})));
    expect(problems.map((problem) => problem.message).join()).toMatch(message);
  });

  it('takes secrets from the environment and from files', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'situs.yaml');
      await writeFile(join(folder, 'password.txt'), 'p4ss word\n');
      await writeFile(
        path,
        SMALL.replace(
          'dicom-web',
          'dicom-web\n    auth: { kind: basic, user: "${env:PACS_USER}", password: "${file:password.txt}" }',
        ),
      );
      const { value } = await loadSitusConfig(path, { PACS_USER: 'situs' });
      expect(value.archives[0]?.auth).toEqual({
        kind: 'basic',
        user: 'situs',
        password: 'p4ss word',
      });
    });
  });

  const secrets: [string, string, RegExp][] = [
    ['a variable that is not set', '${env:NOT_THERE}', /NOT_THERE is not set/],
    ['a file that is not there', '${file:nowhere}', /nowhere cannot be read/],
    ['a secret inside a text', 'user ${env:HOME}', /whole value/],
    ['another kind of reference', '${exec:whoami}', /whole value/],
  ];
  for (const [what, written, message] of secrets) {
    it(`refuses ${what} on its line`, async () => {
      const text = SMALL.replace(
        'dicom-web',
        `dicom-web\n    auth: { kind: bearer, token: "${written}" }`,
      );
      const [problem] = problemsOf(
        await errorOf(text, (path) => loadSitusConfig(path, { HOME: 'sec-ret' })),
      );
      expect(problem).toMatchObject({
        line: 4,
        code: 'CONFIG_SECRET',
        path: 'archives[0].auth.token',
      });
      expect(problem?.message).toMatch(message);
    });
  }

  it('never shows a secret in a message', async () => {
    const text = SMALL.replace('http://127.0.0.1:8042/dicom-web', '${env:SECRET_URL}');
    const error = await errorOf(text, (path) =>
      loadSitusConfig(path, { SECRET_URL: 'ftp://me:geheim@x' }),
    );
    expect(JSON.stringify(error)).not.toContain('geheim');
  });

  it('reads amounts of memory and both ways to write the spacing mode', async () => {
    const read = async (lines: string): Promise<unknown> =>
      (await loadText(`${SMALL}segmentation: ${lines}\n`, (path) => loadSitusConfig(path, {})))
        .value.segmentation;
    expect(await read('{ memoryLimit: 1.5 GiB, spacingMode: v1.2.3 }')).toMatchObject({
      memoryLimit: 1.5 * 2 ** 30,
      spacingMode: 'v1.2.3',
    });
    expect(await read('{ memoryLimit: 512 MiB, spacingMode: true }')).toMatchObject({
      memoryLimit: 2 ** 29,
      spacingMode: 'true',
    });
  });

  const refused: [string, string, number, RegExp][] = [
    ['an unknown key', SMALL.replace('workFolder', 'workfolder'), 5, /did you mean "workFolder"/],
    [
      'an address that is none',
      SMALL.replace('http://127.0.0.1:8042/dicom-web', 'main-pacs'),
      3,
      /http:\/\/ or https:\/\//,
    ],
    [
      'two ways to the database',
      SMALL.replace('embedded: pg', 'embedded: pg, url: "postgresql://x"'),
      4,
      /either/,
    ],
    ['a schedule that is none', `${SMALL}intake: { schedule: every minute }\n`, 7, /cron/],
    [
      'an archive to watch that does not exist',
      `${SMALL}intake: { archives: [mian] }\n`,
      7,
      /known are main/,
    ],
    [
      'a way to sign in that does not exist',
      SMALL.replace('dicom-web', 'dicom-web\n    auth: { kind: bearr, token: x }'),
      4,
      /kind|Invalid/,
    ],
    [
      'an archive of the same name',
      SMALL.replace('database', '  - { name: main, url: "http://x" }\ndatabase'),
      4,
      /defined twice/,
    ],
    ['a device that does not exist', `${SMALL}segmentation: { device: gpu }\n`, 7, /cpu/],
  ];
  for (const [what, text, line, message] of refused) {
    it(`refuses ${what} on its line`, async () => {
      const problems = problemsOf(await errorOf(text, (path) => loadSitusConfig(path, {})));
      expect(problems.filter((one) => message.test(one.message)).map((one) => one.line)).toEqual([
        line,
      ]);
    });
  }

  it('as shipped is valid', async () => {
    const { value } = await loadSitusConfig('config/situs.yaml', {});
    expect(value.archives.map((one) => one.name)).toEqual(['main']);
  });
});
