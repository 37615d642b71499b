import { z } from 'zod';
import { SitusError } from '../../contracts/index.ts';
import type { KserveClient } from './kserve-client.ts';
import { readJson, readNothing } from './kserve-client.ts';
import type { Asked } from './kserve-errors.ts';
import { badAnswer, kserveError } from './kserve-errors.ts';
import type { ServedName } from './kserve-settings.ts';
import { servedPath } from './kserve-settings.ts';
import type { TensorForm, TensorShape } from './kserve-tensors.ts';

/** Key of the parameter that names the SHA-256 of the ONNX file a server was given. */
export const SHA256_PARAMETER = 'situs_sha256';

const MAX_METADATA_BYTES = 4 * 2 ** 20;

const text = z.string().max(1000);
const serverSchema = z.object({
  name: text,
  version: text.nullish(),
  extensions: z.array(text).max(1000).nullish(),
});
const tensorSchema = z.object({
  name: text,
  datatype: text,
  shape: z.array(z.int()).max(16),
});
const parametersSchema = z.record(z.string(), z.unknown()).nullish();
const modelSchema = z.object({
  name: text,
  versions: z.array(text).max(10_000).nullish(),
  inputs: z.array(tensorSchema).max(64),
  outputs: z.array(tensorSchema).max(64),
  parameters: parametersSchema,
});
const configSchema = z.object({ parameters: parametersSchema });

export interface ServerFacts {
  /** Name and version, e.g. `triton 2.51.0`. */
  readonly name: string;
  readonly form: TensorForm;
}

/**
 * Waits for the server to be ready (a few tries) and asks who it is.
 * @throws SitusError `KSERVE_BUSY` (retry) when it is not ready, other `KSERVE_*`.
 */
export async function askServer(client: KserveClient): Promise<ServerFacts> {
  await client.send({
    method: 'GET',
    path: 'v2/health/ready',
    read: readNothing,
  });
  const { content, asked } = await getJson(client, 'v2');
  const facts = serverSchema.safeParse(content);
  if (!facts.success) throw badAnswer(asked, 'sent no metadata of a KServe v2 server');
  const { name, version, extensions } = facts.data;
  return {
    name: `${name} ${version ?? ''}`.trim(),
    form: extensions?.includes('binary_tensor_data') === true ? 'binary' : 'json',
  };
}

export interface ExpectedNetwork {
  readonly served: ServedName;
  readonly input: TensorShape;
  readonly output: TensorShape;
}

export interface NetworkFacts {
  /** Version that will answer, when the server names it. */
  readonly version: string | null;
  /** SHA-256 of the ONNX file as the server's configuration has it; null when the server does not tell. */
  readonly sha256: string | null;
}

/**
 * Checks that the server has the network, ready to run, with the tensors of the plan.
 * @throws SitusError `KSERVE_MODEL_MISSING`, `KSERVE_MODEL_MISMATCH` (usage), `KSERVE_MODEL_NOT_READY` (retry).
 */
export async function askNetwork(
  client: KserveClient,
  expected: ExpectedNetwork,
): Promise<NetworkFacts> {
  const { served } = expected;
  const path = servedPath(served);
  const { content, asked } = await missingAs(served, () => getJson(client, path));
  const metadata = modelSchema.safeParse(content);
  if (!metadata.success) {
    const [issue] = metadata.error.issues;
    throw badAnswer(asked, `sent no metadata of a model: ${issue?.path.join('.') ?? ''}`);
  }
  const { inputs, outputs, versions, parameters } = metadata.data;
  if (inputs.length !== 1) {
    throw mismatch(asked, served, `${inputs.length} inputs instead of one`);
  }
  checkTensor(asked, served, inputs, expected.input);
  checkTensor(asked, served, outputs, expected.output);
  await askReady(client, served);
  const config = await askConfig(client, path);
  return {
    version: served.version ?? (versions?.length === 1 ? (versions[0] ?? null) : null),
    sha256: parameterText(config) ?? parameterText(parameters),
  };
}

async function askReady(client: KserveClient, served: ServedName): Promise<void> {
  try {
    await client.send({
      method: 'GET',
      path: `${servedPath(served)}/ready`,
      read: readNothing,
    });
  } catch (thrown) {
    if (!(thrown instanceof SitusError) || thrown.code !== 'KSERVE_REFUSED') throw thrown;
    throw kserveError(askedOf(thrown), {
      code: 'KSERVE_MODEL_NOT_READY',
      what: `has not loaded the model "${served.name}" yet`,
      next: 'It is tried again by itself. When it stays, look at the log of the server.',
      errorClass: 'retry',
      cause: thrown,
    });
  }
}

/** The extension "model configuration"; null where the server does not offer it. */
async function askConfig(
  client: KserveClient,
  path: string,
): Promise<z.infer<typeof parametersSchema>> {
  try {
    const { content } = await getJson(client, `${path}/config`);
    const config = configSchema.safeParse(content);
    return config.success ? config.data.parameters : null;
  } catch (thrown) {
    const status = thrown instanceof SitusError ? thrown.details['status'] : undefined;
    if (status === 404 || status === 405 || status === 400 || status === 501) return null;
    throw thrown;
  }
}

/** Triton writes `{"string_value": …}`, others the text itself. */
function parameterText(parameters: z.infer<typeof parametersSchema>): string | null {
  const value = parameters?.[SHA256_PARAMETER];
  const inner =
    typeof value === 'object' && value !== null && 'string_value' in value
      ? value.string_value
      : value;
  return typeof inner === 'string' ? inner.toLowerCase() : null;
}

function checkTensor(
  asked: Asked,
  served: ServedName,
  tensors: readonly z.infer<typeof tensorSchema>[],
  expected: TensorShape,
): void {
  const tensor = tensors.find(({ name }) => name === expected.name);
  if (tensor === undefined) {
    const names = tensors.map(({ name }) => `"${name}"`).join(', ') || 'none';
    throw mismatch(asked, served, `the tensors ${names} where "${expected.name}" is needed`);
  }
  const fits =
    tensor.shape.length === expected.shape.length &&
    tensor.shape.every((n, axis) => n === -1 || n === expected.shape[axis]);
  if (tensor.datatype !== 'FP32' || !fits) {
    throw mismatch(
      asked,
      served,
      `"${tensor.name}" as ${tensor.datatype} [${tensor.shape.join(', ')}] where FP32 [${expected.shape.join(', ')}] is needed`,
    );
  }
}

function mismatch(asked: Asked, served: ServedName, what: string): SitusError {
  return kserveError(asked, {
    code: 'KSERVE_MODEL_MISMATCH',
    what: `serves another network as "${served.name}": it has ${what}`,
    next: 'Serve what "npx situs model export-triton" writes for this model, or correct segmentation.kserve.models.',
    errorClass: 'usage',
    details: { model: served.name, version: served.version },
  });
}

async function missingAs<T>(served: ServedName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof SitusError) || thrown.code !== 'KSERVE_REFUSED') throw thrown;
    const version = served.version === null ? '' : ` in version ${served.version}`;
    throw kserveError(askedOf(thrown), {
      code: 'KSERVE_MODEL_MISSING',
      what: `has no model "${served.name}"${version}`,
      next: 'Give the server the folder that "npx situs model export-triton" writes, or correct segmentation.kserve.models.',
      errorClass: 'usage',
      details: { model: served.name, version: served.version },
      cause: thrown,
    });
  }
}

function askedOf(error: SitusError): Asked {
  return { method: 'GET', url: String(error.details['url']) };
}

async function getJson(
  client: KserveClient,
  path: string,
): Promise<{ readonly content: unknown; readonly asked: Asked }> {
  return client.send({
    method: 'GET',
    path,
    read: async (answer) => ({
      content: await readJson(answer, MAX_METADATA_BYTES),
      asked: answer.asked,
    }),
  });
}
