import { refuse } from '../../contracts/index.ts';
import type { ByteSource } from '../checkpoint/byte-source.ts';
import type { SourceFolder } from './source-folder.ts';

/** Largest plans.json or dataset.json that is read; nested brackets take forty times their bytes to parse. */
const MAX_JSON_BYTES = 8 * 2 ** 20;

/**
 * Parses a JSON file of an nnU-Net folder.
 * @param onBytes is shown the file's bytes
 * @throws SitusError `MODEL_PLANS_INVALID` when it is missing, too large or no JSON, and `ZIP_*`.
 */
export function readJson(
  folder: SourceFolder,
  name: string,
  onBytes: (bytes: Uint8Array) => void = () => undefined,
): unknown {
  return withSource(folder, name, (source) => {
    if (source.size > MAX_JSON_BYTES) throw invalid(name, `it has ${source.size} bytes`);
    const bytes = source.read(0, source.size);
    onBytes(bytes);
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    } catch (cause) {
      throw invalid(name, 'it is no JSON', cause);
    }
  });
}

/** Opens a file of the folder, and closes it whatever happens. */
export function withSource<T>(
  folder: SourceFolder,
  name: string,
  use: (source: ByteSource) => T,
): T {
  if (!folder.names.includes(name)) throw invalid(name, 'it is missing');
  const source = folder.open(name);
  try {
    return use(source);
  } finally {
    source.close();
  }
}

function invalid(name: string, what: string, cause?: unknown): Error {
  return refuse(
    'MODEL_PLANS_INVALID',
    `${name} of the nnU-Net model is not usable: ${what}.`,
    'Give the folder that nnU-Net wrote during training, unchanged.',
    { file: name },
    cause,
  );
}
