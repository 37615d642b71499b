import { readFileSync } from 'node:fs';
import type { SitusConfig } from './config/index.ts';
import { messageOf, SitusError } from './contracts/index.ts';
import {
  checkServer,
  DEFAULT_KSERVE_MODELS,
  type KserveSettings,
  type LoadedModel,
} from './segmentation/index.ts';

type KserveConfig = NonNullable<SitusConfig['segmentation']['kserve']>;

/** The inference server of the configuration, with its credentials and certificates; null when there is none. */
export function kserveSettings({ segmentation }: SitusConfig): KserveSettings | null {
  const { kserve } = segmentation;
  if (kserve === undefined) return null;
  return {
    url: kserve.url.replace(/\/+$/, ''),
    headers: credentials(kserve.auth),
    ca: kserve.tls === undefined ? null : certificate(kserve.tls.ca),
    timeoutSeconds: kserve.timeoutSeconds,
    parallel: kserve.parallel,
    models: kserveModels({ segmentation }),
    requireVerifiedWeights: kserve.requireVerifiedWeights,
  };
}

/**
 * Whether jobs can run a model on the configured server, in one line.
 * @throws SitusError `KSERVE_*`
 */
export async function checkServedModel(config: SitusConfig, model: LoadedModel): Promise<string> {
  const settings = kserveSettings(config);
  if (settings === null) return 'no server is configured';
  const { engine, networks } = await checkServer(settings, model);
  const worst = Math.max(...networks.map(({ deviation }) => deviation));
  const told = networks.every(({ sha256 }) => sha256 !== null);
  return `${engine}, ${networks.length} of its networks ready; logits off by ${worst.toPrecision(1)}; hashes ${told ? 'equal' : 'not told by the server'}`;
}

/** How networks are named on the server, also before one is configured. */
export function kserveModels({
  segmentation,
}: Pick<SitusConfig, 'segmentation'>): KserveSettings['models'] {
  const { kserve } = segmentation;
  if (kserve === undefined) return DEFAULT_KSERVE_MODELS;
  return { name: kserve.models.name, version: kserve.models.version ?? null };
}

function credentials(auth: KserveConfig['auth']): Readonly<Record<string, string>> {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'basic': {
      const pair = Buffer.from(`${auth.user}:${auth.password}`, 'utf8').toString('base64');
      return { authorization: `Basic ${pair}` };
    }
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'headers':
      return auth.headers;
  }
}

function certificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SitusError({
      code: 'KSERVE_CA_UNREADABLE',
      message: `The certificate of the inference server cannot be read from ${path}: ${messageOf(cause)}`,
      next: 'Correct segmentation.kserve.tls.ca in config/situs.yaml.',
      errorClass: 'usage',
      origin: 'configuration',
      cause,
    });
  }
}
