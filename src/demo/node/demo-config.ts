import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { loadSitusConfig, type SitusConfig } from '../../config/index.ts';

const CONFIG = fileURLToPath(new URL('../../../config/', import.meta.url));
const SETTLE_SECONDS = 3;

/** Where the demo's archive is. */
export interface DemoArchive {
  readonly url: string;
  readonly orthancUrl: string | null;
  readonly username: string | null;
  readonly password: string | null;
}

/**
 * Writes the demo's own `situs.yaml` into its folder, so that every command can be pointed at it, and
 * reads it back. Rules, sequences and structures are those of the clone: edit them while it runs.
 */
export async function demoConfig(
  folder: string,
  archive: DemoArchive,
): Promise<{ config: SitusConfig; path: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { username, password } = archive;
  if (password !== null) {
    await writeFile(join(folder, 'archive-password'), password, { mode: 0o600 });
  }
  const auth =
    username === null || password === null
      ? { kind: 'none' }
      : { kind: 'basic', user: username, password: '${file:archive-password}' };
  const content = {
    archives: [
      {
        name: 'main',
        url: archive.url,
        auth,
        limits: { requestsPerSecond: 200, parallel: 4 },
        ...(archive.orthancUrl === null ? {} : { orthanc: { url: archive.orthancUrl } }),
      },
    ],
    database: { embedded: join(folder, 'postgres') },
    workFolder: join(folder, 'work'),
    intake: { schedule: '*/2 * * * * *', settleSeconds: SETTLE_SECONDS, lookbackDays: 3650 },
    models: { folder: join(folder, 'models') },
    segmentation: { device: 'cpu' },
    api: { host: '127.0.0.1', port: 0 },
    files: {
      rules: join(CONFIG, 'rules.yaml'),
      sequences: join(CONFIG, 'sequences.yaml'),
      structures: join(CONFIG, 'structures.json'),
    },
  };
  const path = join(folder, 'situs.yaml');
  await writeFile(path, stringify(content), { mode: 0o600 });
  const { value } = await loadSitusConfig(path);
  return { config: value, path };
}
