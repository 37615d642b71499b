import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SitusError } from '../../contracts/index.ts';
import { SHA256_PARAMETER } from '../engine/kserve-checks.ts';
import type { KserveSettings } from '../engine/kserve-settings.ts';
import { servedName } from '../engine/kserve-settings.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../onnx/unet.ts';
import type { LoadedModel } from './folder.ts';

export interface TritonNetwork {
  readonly fold: number;
  /** Name on the server, which is that of the folder. */
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly sha256: string;
}

export interface TritonOptions {
  readonly model: LoadedModel;
  /** Model repository; made when it is missing, other models in it stay. */
  readonly out: string;
  /** How the networks are named on the server. */
  readonly models: KserveSettings['models'];
}

/** Triton takes positive whole numbers for versions. */
const VERSION = /^[1-9]\d{0,17}$/;
const NETWORK_FILE = 'model.onnx';

/**
 * Writes the networks of a model as a model repository of Triton (backend `onnxruntime`): `NAME/config.pbtxt` and
 * `NAME/VERSION/model.onnx` for each fold. The hash of each file is a parameter in its configuration, where `kserve`
 * reads it back before a run.
 * @throws SitusError `TRITON_NAMES_UNSUITABLE`, `TRITON_MODEL_EXISTS` (usage).
 */
export async function exportTriton(options: TritonOptions): Promise<TritonNetwork[]> {
  const { model, models } = options;
  const out = resolve(options.out);
  const networks = model.manifest.folds.map(({ fold, sha256 }) => {
    const { name, version } = servedName(models, model, fold);
    return { fold, name, version: version ?? '1', folder: join(out, name), sha256 };
  });
  requireRoom(networks);
  await mkdir(dirname(out), { recursive: true });
  // A server that watches the repository shall never see half a model.
  const partial = await mkdtemp(join(dirname(out), '.situs-export-'));
  try {
    for (const network of networks) await writeNetwork(model, network, join(partial, network.name));
    await mkdir(out, { recursive: true });
    for (const { name, folder } of networks) await rename(join(partial, name), folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return networks;
}

async function writeNetwork(
  model: LoadedModel,
  network: TritonNetwork,
  target: string,
): Promise<void> {
  const file = model.manifest.folds.find(({ fold }) => fold === network.fold)?.file ?? '';
  await mkdir(join(target, network.version), { recursive: true });
  await copyFile(
    join(model.directory, file),
    join(target, network.version, NETWORK_FILE),
    constants.COPYFILE_FICLONE,
  );
  await writeFile(join(target, 'config.pbtxt'), tritonConfig(model, network));
}

/** `config.pbtxt`: a model configuration as protobuf text. */
function tritonConfig(model: LoadedModel, { fold, name, sha256 }: TritonNetwork): string {
  const { patchSize, architecture } = model.manifest.plan;
  const tensor = (tensorName: string, channels: number): string =>
    `{ name: "${tensorName}" data_type: TYPE_FP32 dims: [ ${[1, channels, ...patchSize].join(', ')} ] }`;
  const parameters = Object.entries({
    situs_model: model.name,
    situs_model_version: model.version,
    situs_model_hash: model.hash,
    situs_fold: String(fold),
    [SHA256_PARAMETER]: sha256,
  }).map(([key, value]) => `  { key: "${key}" value: { string_value: ${JSON.stringify(value)} } }`);
  return [
    `name: "${name}"`,
    'backend: "onnxruntime"',
    `default_model_filename: "${NETWORK_FILE}"`,
    '# One patch a request: the order in which patches are added decides the last bits.',
    'max_batch_size: 0',
    `input [ ${tensor(NETWORK_INPUT, architecture.inputChannels)} ]`,
    `output [ ${tensor(NETWORK_OUTPUT, architecture.heads)} ]`,
    'parameters [',
    parameters.join(',\n'),
    ']',
    '',
  ].join('\n');
}

function requireRoom(networks: readonly TritonNetwork[]): void {
  const names = new Set(networks.map(({ name }) => name));
  const odd = networks.find(
    ({ name, version }) =>
      !/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name) || !VERSION.test(version),
  );
  if (odd !== undefined || names.size < networks.length) {
    throw new SitusError({
      code: 'TRITON_NAMES_UNSUITABLE',
      message:
        odd === undefined
          ? `Several folds would have the name ${networks[0]?.name ?? ''} on the server.`
          : `Triton can't serve a model named "${odd.name}" in version "${odd.version}".`,
      next: 'Correct segmentation.kserve.models in config/situs.yaml: a name of letters, digits, ".", "_" and "-" that differs by {fold}, and a whole number as version.',
      errorClass: 'usage',
      origin: 'configuration',
    });
  }
  for (const { folder } of networks) {
    if (!existsSync(folder)) continue;
    throw new SitusError({
      code: 'TRITON_MODEL_EXISTS',
      message: `"${folder}" exists already.`,
      next: 'Choose another folder, or remove the old one first.',
      errorClass: 'usage',
      origin: 'input',
    });
  }
}
