import { z } from 'zod';
import { product } from '../product.ts';
import type { Answer } from './kserve-client.ts';
import { parseJson, readJson } from './kserve-client.ts';
import type { Asked } from './kserve-errors.ts';
import { badAnswer, connectionError } from './kserve-errors.ts';

/** A tensor of 32-bit floats as both sides name it. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** `binary`: the extension "binary tensor data"; `json`: numbers in JSON, which every server understands. */
export type TensorForm = 'binary' | 'json';

export interface InferRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Header of the extension: bytes of the JSON part, behind which the tensors follow. */
const JSON_LENGTH = 'inference-header-content-length';
/** Largest JSON part of a binary answer. */
const MAX_HEADER_BYTES = 2 ** 20;
/** Largest answer that is JSON as a whole; a string can't hold much more. */
const MAX_JSON_BYTES = 256 * 2 ** 20;
/** Characters that a number takes in JSON, at most, with comma, brackets and white space. */
const JSON_BYTES_PER_NUMBER = 32;
/** Axes of the largest tensor and one for a batch of tensors. */
const MAX_NESTING = 8;

/**
 * Body and headers of an inference request with one input and one output of FP32 (Open Inference Protocol; extension
 * "binary tensor data": numbers little-endian, row-major, without padding). The output is asked for as binary in both
 * forms: servers that don't know the parameter answer in JSON.
 */
export function inferRequest(
  input: TensorShape,
  values: Float32Array<ArrayBuffer>,
  output: string,
  form: TensorForm,
): InferRequest {
  const tensor = { name: input.name, shape: input.shape, datatype: 'FP32' };
  const asked = {
    parameters: { binary_data_output: true },
    outputs: [{ name: output, parameters: { binary_data: true } }],
  };
  if (form === 'json') {
    const inputs = [{ ...tensor, data: Array.from(values) }];
    const body = new TextEncoder().encode(JSON.stringify({ ...asked, inputs }));
    return { headers: { 'content-type': 'application/json' }, body };
  }
  const parameters = { binary_data_size: values.byteLength };
  const inputs = [{ ...tensor, parameters }];
  const header = new TextEncoder().encode(JSON.stringify({ ...asked, inputs }));
  const body = new Uint8Array(header.length + values.byteLength);
  body.set(header);
  body.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
  return {
    headers: {
      'content-type': 'application/octet-stream',
      [JSON_LENGTH]: String(header.length),
    },
    body,
  };
}

const tensorSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()).max(16),
  parameters: z.record(z.string(), z.unknown()).optional(),
  data: z.unknown().optional(),
});
const answerSchema = z.object({ outputs: z.array(tensorSchema).max(64) });
type AnsweredTensor = z.infer<typeof tensorSchema>;

/** Whether an answer has its numbers behind the JSON: its server knows the extension, whatever it says about itself. */
export function isBinary(answer: Answer): boolean {
  return answer.header(JSON_LENGTH) !== null;
}

/** Reads the answer to `inferRequest`, binary or JSON, into an array of its own. */
export async function readInferAnswer(
  answer: Answer,
  expected: TensorShape,
): Promise<Float32Array<ArrayBuffer>> {
  const length = product(expected.shape);
  const values = new Float32Array(length);
  const { asked } = answer;
  const announced = answer.header(JSON_LENGTH);
  if (announced === null) {
    const limit = Math.min(MAX_JSON_BYTES, MAX_HEADER_BYTES + length * JSON_BYTES_PER_NUMBER);
    const tensor = expectedTensor(asked, await readJson(answer, limit), expected);
    const written = writeNumbers(asked, tensor.data, values, 0, MAX_NESTING);
    if (written !== length) throw badAnswer(asked, `sent ${written} numbers instead of ${length}`);
    return finite(asked, values);
  }
  const headerBytes = /^\d{1,9}$/.test(announced) ? Number(announced) : 0;
  if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
    throw badAnswer(asked, `announced a header of ${announced.slice(0, 20)} bytes`);
  }
  const header = new Uint8Array(headerBytes);
  const bytes = new Uint8Array(values.buffer);
  await fill(answer, [header, bytes]);
  const tensor = expectedTensor(asked, parseJson(asked, header), expected);
  const size = tensor.parameters?.['binary_data_size'];
  if (size !== values.byteLength) {
    throw badAnswer(asked, `announced ${String(size)} bytes of numbers instead of ${bytes.length}`);
  }
  return finite(asked, values);
}

/** Fills the arrays one after the other with the body, which must be exactly as long as they are together. */
async function fill(answer: Answer, targets: readonly Uint8Array[]): Promise<void> {
  const total = targets.reduce((sum, { length }) => sum + length, 0);
  let received = 0;
  let [target = new Uint8Array(), ...others] = targets;
  let at = 0;
  for await (const chunk of answer.body) {
    received += chunk.length;
    if (received > total) break;
    let from = 0;
    while (from < chunk.length) {
      if (at === target.length) {
        [target = new Uint8Array(), ...others] = others;
        at = 0;
      }
      const part = chunk.subarray(from, from + target.length - at);
      target.set(part, at);
      at += part.length;
      from += part.length;
    }
  }
  if (received === total) return;
  if (received < total && answer.header('content-length') === null) {
    throw connectionError(answer.asked, new Error('the answer was cut off'), 0);
  }
  const much = received > total ? 'more' : 'less';
  throw badAnswer(answer.asked, `sent ${much} than the ${total} bytes of its answer`);
}

function expectedTensor(asked: Asked, content: unknown, expected: TensorShape): AnsweredTensor {
  const result = answerSchema.safeParse(content);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw badAnswer(asked, `sent an answer without outputs: ${issue?.message ?? ''}`);
  }
  const [tensor] = result.data.outputs;
  if (tensor?.name !== expected.name || result.data.outputs.length !== 1) {
    const names = result.data.outputs.map(({ name }) => name.slice(0, 40)).join(', ');
    throw badAnswer(asked, `sent the outputs "${names}" instead of "${expected.name}"`);
  }
  if (tensor.datatype !== 'FP32') {
    throw badAnswer(asked, `sent ${tensor.datatype.slice(0, 20)} instead of FP32`);
  }
  if (tensor.shape.join(',') !== expected.shape.join(',')) {
    throw badAnswer(
      asked,
      `sent [${tensor.shape.join(', ')}] instead of [${expected.shape.join(', ')}]`,
    );
  }
  return tensor;
}

/** Writes flat or nested numbers from `at` on. @returns where it stopped */
function writeNumbers(
  asked: Asked,
  data: unknown,
  values: Float32Array,
  at: number,
  nesting: number,
): number {
  if (!Array.isArray(data) || nesting === 0) throw badAnswer(asked, 'sent no numbers');
  let next = at;
  for (const item of data as readonly unknown[]) {
    if (Array.isArray(item)) {
      next = writeNumbers(asked, item, values, next, nesting - 1);
    } else if (typeof item === 'number' && next < values.length) {
      values[next] = item;
      next += 1;
    } else {
      throw badAnswer(asked, 'sent too many numbers, or something else among them');
    }
  }
  return next;
}

/** One NaN or infinity would silently spoil labels. `v · 0` is 0 for every other number. */
function finite(asked: Asked, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  let sum = 0;
  for (const value of values) sum += value * 0;
  if (sum === 0) return values;
  throw badAnswer(asked, 'sent logits that are no finite numbers');
}
