import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startNode, type Role, type SitusNode } from '../../src/app.ts';
import type { Archive } from '../../src/archive/index.ts';
import { openArchive } from '../../src/archives.ts';
import { loadSitusConfig, type SitusConfig } from '../../src/config/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import type { StudyDetail } from '../../src/records/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { TINY_MODEL, writeTinyModel } from './tiny-model.ts';

const CONFIG = fileURLToPath(new URL('../../config/', import.meta.url));

/** A hospital with one archive: its configuration in a folder of its own, with the tiny model. */
export interface Site {
  readonly folder: string;
  readonly configFile: string;
  readonly rulesFile: string;
  readonly workFolder: string;
  readonly modelsFolder: string;
  readonly config: SitusConfig;
  readonly archive: Archive;
  /** Takes the folder away. */
  remove(): Promise<void>;
}

export interface SiteOptions {
  readonly orthanc: Pick<RunningOrthanc, 'dicomWebUrl' | 'baseUrl' | 'username' | 'password'>;
  readonly databaseUrl: string;
  /** Model that the rules name. */
  readonly model?: string;
  /** Written over the configuration, key by key of the first level. */
  readonly config?: Readonly<Record<string, object | string>>;
  /** Parts of the archive's entry. */
  readonly archive?: Readonly<Record<string, unknown>>;
}

/**
 * The rules of the sample sequences, all for one model.
 * @param more keys that every rule has besides.
 */
export function rulesText(
  model: string,
  folds: 'all' | readonly number[] = 'all',
  more: Readonly<Record<string, unknown>> = {},
): string {
  const rule = (name: string, modality: string, sequence: string) => ({
    name,
    when: { modality, sequence },
    choose: { prefer: ['axial', 'highest-confidence', 'most-coverage', 'thinnest'], most: 1 },
    segment: { model, folds },
    store: { seg: 'binary', sr: true, to: 'main' },
    ...more,
  });
  return stringify({
    rules: [
      rule('T1 in-phase', 'MR', 't1_in_phase'),
      rule('HASTE', 'MR', 'haste'),
      rule('CT', 'CT', 'ct_abdomen'),
    ],
  });
}

export async function makeSite(options: SiteOptions): Promise<Site> {
  const { orthanc, databaseUrl } = options;
  const folder = await mkdtemp(join(tmpdir(), 'situs-site-'));
  const models = join(folder, 'models');
  const rules = join(folder, 'rules.yaml');
  await mkdir(models);
  await writeTinyModel(models);
  await writeFile(rules, rulesText(options.model ?? TINY_MODEL));
  const content = {
    archives: [
      {
        name: 'main',
        url: orthanc.dicomWebUrl,
        auth: { kind: 'basic', user: orthanc.username, password: orthanc.password },
        limits: { requestsPerSecond: 500, parallel: 4 },
        orthanc: { url: orthanc.baseUrl },
        ...options.archive,
      },
    ],
    database: { url: databaseUrl },
    workFolder: join(folder, 'work'),
    intake: { schedule: '* * * * * *', settleSeconds: 1, lookbackDays: 3650 },
    models: { folder: models },
    segmentation: { device: 'cpu', threads: 1 },
    api: { host: '127.0.0.1', port: 0 },
    files: {
      rules,
      sequences: join(CONFIG, 'sequences.yaml'),
      structures: join(CONFIG, 'structures.json'),
    },
    ...options.config,
  };
  const configFile = join(folder, 'situs.yaml');
  await writeFile(configFile, stringify(content), { mode: 0o600 });
  const { value: config } = await loadSitusConfig(configFile);
  const [one] = config.archives;
  if (one === undefined) throw new Error('the site has no archive');
  const archive = openArchive(one);
  return {
    folder,
    configFile,
    rulesFile: rules,
    workFolder: config.workFolder,
    modelsFolder: models,
    config,
    archive,
    async remove() {
      await archive.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a node of the site in this process, without page and API. */
export async function startSiteNode(
  site: Site,
  options: { readonly name?: string; readonly roles?: readonly Role[] } = {},
): Promise<SitusNode> {
  const { url } = site.config.database;
  if (url === undefined) throw new Error('the site has no database');
  return startNode({
    config: site.config,
    databaseUrl: url,
    roles: options.roles ?? ['intake', 'work'],
    log: createLogger({ level: process.env['SITUS_TEST_LOG'] === '1' ? 'debug' : 'silent' }),
    name: options.name ?? 'node-a',
  });
}

/** Looks until `look` gives something; fails with `what` when the deadline passes. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  seconds = 45,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await delay(50);
  }
}

/** The study once it has an outcome other than `running`. */
export async function finished(
  node: Pick<SitusNode, 'records'>,
  studyInstanceUid: string,
  seconds = 45,
): Promise<StudyDetail> {
  let last: StudyDetail | null = null;
  try {
    return await eventually(
      `study ${studyInstanceUid} ends`,
      async () => {
        last = await node.records.queries.studyDetail(studyInstanceUid);
        return last !== null && last.outcome !== 'running' ? last : null;
      },
      seconds,
    );
  } catch (error) {
    const seen = last as StudyDetail | null;
    const jobs = seen?.jobs.map(({ state, step, error: why }) => ({ state, step, why }));
    const state = JSON.stringify({ reasons: seen?.reasons, jobs });
    throw new Error(`${String(error)} ${state}`, { cause: error });
  }
}
