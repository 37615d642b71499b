import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, mkdir, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import type { SitusNode } from '../../src/app.ts';
import { phantomSeries, type PhantomSeries } from '../../src/demo/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import type { StudyDetail } from '../../src/records/index.ts';
import { altered } from '../support/dicom-objects.ts';
import { asJpeg2000 } from '../support/jpeg2000.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import {
  eventually,
  finished,
  makeSite,
  rulesText,
  startSiteNode,
  type Site,
} from '../support/site.ts';
import { heldResults } from '../support/stored-results.ts';
import { TINY_MODEL, writeTinyModel } from '../support/tiny-model.ts';

const SMALL = { kind: 'haste', phantomSpacing: 6, pixel: 6, sliceSpacing: 12 } as const;
const SECONDS = 90;

describe('what a new user may get wrong', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let site: Site;
  let node: SitusNode;
  let relay: Relay;

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    relay = await startRelay(Number(new URL(orthanc.baseUrl).port));
    const through = (url: string): string =>
      url.replace(new URL(orthanc.baseUrl).host, `127.0.0.1:${relay.port}`);
    site = await makeSite({
      orthanc: {
        ...orthanc,
        baseUrl: through(orthanc.baseUrl),
        dicomWebUrl: through(orthanc.dicomWebUrl),
      },
      databaseUrl: database.url,
    });
    node = await startSiteNode(site);
  }, 120_000);

  afterAll(async () => {
    await node?.stop();
    await site?.remove();
    await relay?.close();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  async function send(
    seed: number,
    change: (bytes: Uint8Array, index: number) => Uint8Array | Promise<Uint8Array> = (bytes) =>
      bytes,
  ): Promise<PhantomSeries> {
    const source = phantomSeries({ seed, ...SMALL });
    const { studyInstanceUid } = source;
    const instances = [];
    for (const [index, file] of source.files.entries()) {
      instances.push({ studyInstanceUid, ...file, bytes: await change(file.bytes, index) });
    }
    await site.archive.store(instances);
    return source;
  }

  /** The study's reasons, each with a code, a message and what to do. */
  function reasonsOf(study: StudyDetail): readonly string[] {
    for (const reason of study.reasons) {
      expect(reason.code).toMatch(/^[A-Z0-9_]+$/);
      expect(reason.message.length).toBeGreaterThan(20);
    }
    return study.reasons.map((reason) => reason.code);
  }

  async function storesNothing(studyInstanceUid: string): Promise<void> {
    const { segs, srs } = await heldResults(site.archive, studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([0, 0]);
  }

  async function storesResults(source: PhantomSeries): Promise<void> {
    const study = await finished(node, source.studyInstanceUid, SECONDS);
    expect(study).toMatchObject({ outcome: 'stored', reasons: [] });
    const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([1, 1]);
  }

  it('images without geometry: refused with the reason, others go on', async () => {
    const flat = await send(80, (bytes) =>
      altered(bytes, (dataset) => {
        delete dataset['00200032'];
        delete dataset['00200037'];
      }),
    );
    const good = await send(81);
    const study = await finished(node, flat.studyInstanceUid, SECONDS);
    expect(['failed', 'nothing-to-do']).toContain(study.outcome);
    expect(reasonsOf(study).length).toBeGreaterThan(0);
    await storesNothing(flat.studyInstanceUid);
    await storesResults(good);
  }, 200_000);

  it('pixel data that is cut off: refused, naming the instance', async () => {
    const cut = await send(82, (bytes, index) =>
      index === 3
        ? altered(bytes, (dataset) => {
            const [pixels] = dataset['7FE00010']?.Value as [ArrayBuffer];
            dataset['7FE00010'] = { vr: 'OW', Value: [pixels.slice(0, pixels.byteLength / 2)] };
          })
        : bytes,
    );
    const study = await finished(node, cut.studyInstanceUid, SECONDS);
    expect(study.outcome).toBe('failed');
    expect(study.jobs[0]?.state).toBe('refused');
    expect(reasonsOf(study)).toHaveLength(1);
    expect(study.reasons[0]?.next).toBeTruthy();
    expect(JSON.stringify(study.reasons)).toContain(cut.files[3]?.sopInstanceUid ?? 'none');
    await storesNothing(cut.studyInstanceUid);
  }, 200_000);

  it('a JPEG 2000 series: decoded and processed like any other', async () => {
    await storesResults(await send(83, asJpeg2000));
  }, 200_000);

  it('a JPEG 2000 series whose code stream is damaged: refused with the reason', async () => {
    const broken = await send(84, async (bytes, index) => {
      const file = await asJpeg2000(bytes);
      const codeStream = file.findIndex((byte, at) => byte === 0xff && file[at + 1] === 0x4f);
      if (index === 2) file.fill(0x55, codeStream + 4, codeStream + 60);
      return file;
    });
    const study = await finished(node, broken.studyInstanceUid, SECONDS);
    expect(study.outcome).toBe('failed');
    expect(reasonsOf(study)).toHaveLength(1);
    await storesNothing(broken.studyInstanceUid);
  }, 200_000);

  it('a wrong rule file: refused with line, the old rules stay, the next good one is taken', async () => {
    const good = rulesText(TINY_MODEL);
    await writeFile(site.rulesFile, good.replace('modality: MR', 'modalitty: MR'));
    const part = await eventually('the rule file is refused', () => {
      const rules = node.health.summary().parts['rules file'];
      return rules?.level === 'degraded' ? rules : null;
    });
    expect(part.message).toMatch(/modalitty.*modality/s);
    await storesResults(await send(85));
    await writeFile(site.rulesFile, good);
    await eventually(
      'the rule file is taken',
      () => node.health.summary().parts['rules file']?.level === 'ok',
    );
  }, 200_000);

  it('a rule with a model that is not there: in the table, and decided once the model comes', async () => {
    await writeFile(site.rulesFile, rulesText('missing'));
    await eventually('the rules name the missing model', async () =>
      (await node.records.config.active('rules'))?.text.includes('missing'),
    );
    const source = await send(86);
    const refused = await finished(node, source.studyInstanceUid, SECONDS);
    expect(refused.outcome).toBe('failed');
    expect(reasonsOf(refused)).toEqual(['MODEL_NOT_FOUND']);
    expect(refused.reasons[0]?.next).toContain('model import');
    await writeTinyModel(site.modelsFolder, 'missing');
    await eventually(
      'the study is decided again',
      async () =>
        (await node.records.queries.studyDetail(source.studyInstanceUid))?.outcome === 'stored',
      SECONDS,
    );
    await writeFile(site.rulesFile, rulesText(TINY_MODEL));
    await eventually('the rules name the tiny model', async () =>
      (await node.records.config.active('rules'))?.text.includes(TINY_MODEL),
    );
  }, 300_000);

  it('folds that the model does not have: failed with the folds it has', async () => {
    await writeFile(site.rulesFile, rulesText(TINY_MODEL, [7]));
    await eventually('the rules ask for fold 7', async () =>
      (await node.records.config.active('rules'))?.text.includes('7'),
    );
    const source = await send(87);
    const study = await finished(node, source.studyInstanceUid, SECONDS);
    expect(study.outcome).toBe('failed');
    expect(reasonsOf(study)).toEqual(['MODEL_FOLD_MISSING']);
    await writeFile(site.rulesFile, rulesText(TINY_MODEL));
    await eventually('the study is decided again and stored', async () => {
      const seen = await node.records.queries.studyDetail(source.studyInstanceUid);
      return seen?.outcome === 'failed' || seen?.outcome === 'stored' ? seen : null;
    });
  }, 200_000);

  it('an archive that is down: said so, and everything goes on when it is back', async () => {
    const source = await send(88);
    await relay.down();
    const part = await eventually('the archive is reported', () => {
      const archive = node.health.summary().parts['archive main'];
      return archive?.level === 'down' ? archive : null;
    });
    expect(part.message).toContain('ARCHIVE_UNREACHABLE');
    await relay.up();
    await storesResults(source);
    await eventually(
      'the archive is well',
      () => node.health.summary().parts['archive main']?.level === 'ok',
    );
  }, 200_000);

  it('no room for the work folder: waits with the reason, goes on when there is', async () => {
    const full = '/proc';
    if ((await statfs(full).catch(() => null))?.bavail !== 0) {
      console.warn('There is no full file system here: the test of a full disk was skipped.');
      return;
    }
    const kept = `${site.workFolder}.kept`;
    await cp(site.workFolder, kept, { recursive: true });
    await rm(site.workFolder, { recursive: true });
    await symlink(full, site.workFolder);
    const source = await send(89);
    const waiting = await eventually(
      'the job waits for room',
      async () => {
        const study = await node.records.queries.studyDetail(source.studyInstanceUid);
        return study?.reasons.some((reason) => reason.code === 'DISK_FULL') ? study : null;
      },
      SECONDS,
    );
    expect(waiting.outcome).toBe('running');
    expect(waiting.reasons[0]?.message).toContain('MiB');
    await rm(site.workFolder);
    await mkdir(site.workFolder);
    await storesResults(source);
  }, 200_000);

  it('a wrong password: the archive is reported with what to correct', async () => {
    const other = await testDatabase();
    const wrong = await makeSite({
      orthanc: { ...orthanc, password: 'not the password' },
      databaseUrl: other.url,
    });
    const locked = await startSiteNode(wrong, { roles: ['intake'] });
    try {
      const part = await eventually('the archive is reported', () => {
        const archive = locked.health.summary().parts['archive main'];
        return archive?.level === 'down' ? archive : null;
      });
      expect(part.message).toMatch(/ARCHIVE_UNAUTHORIZED.*credentials/s);
      expect(part.message).not.toContain('not the password');
    } finally {
      await locked.stop();
      await wrong.remove();
      await other.drop();
    }
  }, 120_000);

  it('a node that starts with a wrong rule file: ends with file, line and the right word', async () => {
    const other = await testDatabase();
    const wrong = await makeSite({ orthanc, databaseUrl: other.url });
    try {
      await writeFile(
        wrong.rulesFile,
        rulesText(TINY_MODEL).replace('sequence: haste', 'sequenz: haste'),
      );
      await expect(startSiteNode(wrong)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/rules\.yaml.*sequenz/s),
      });
    } finally {
      await wrong.remove();
      await other.drop();
    }
  }, 60_000);

  it('loses nothing: every study that was sent stands in the table, and the chain is whole', async () => {
    const { rows } = await node.records.queries.studiesPage({});
    expect(rows).toHaveLength(10);
    expect(rows.filter((row) => row.outcome === 'running')).toEqual([]);
    expect(await node.records.audit.verify()).toMatchObject({ intact: true });
  });
});
