/** A tensor as `torch.save` describes it; the numbers go into the zip entry `data/<key>`. */
export interface PickledTensor {
  readonly key: string;
  readonly type: string;
  readonly length: number;
  readonly offset: number;
  readonly size: readonly number[];
  readonly stride: readonly number[];
}

/** Bytes that are put into the pickle as they are. */
export class Raw {
  readonly bytes: Buffer;
  constructor(...parts: (string | number | Buffer)[]) {
    this.bytes = Buffer.concat(
      parts.map((part) =>
        typeof part === 'number'
          ? Buffer.of(part)
          : typeof part === 'string'
            ? Buffer.from(part, 'latin1')
            : part,
      ),
    );
  }
}

export class TensorValue {
  readonly tensor: PickledTensor;
  constructor(tensor: PickledTensor) {
    this.tensor = tensor;
  }
}

export class Tuple {
  readonly items: readonly unknown[];
  constructor(...items: readonly unknown[]) {
    this.items = items;
  }
}

/** A protocol 2 pickle of strings, numbers, null, arrays, `Map`, tensors, tuples and raw instructions. */
export function writePickle(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from([0x80, 2]), write(value), Buffer.from('.')]));
}

function write(value: unknown): Buffer {
  if (value instanceof Raw) return value.bytes;
  if (value instanceof TensorValue) return writeTensor(value.tensor);
  if (value instanceof Tuple)
    return Buffer.concat([Buffer.from('('), ...value.items.map(write), Buffer.from('t')]);
  if (value === null) return Buffer.from('N');
  if (typeof value === 'boolean') return Buffer.of(value ? 0x88 : 0x89);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const header = Buffer.alloc(5);
    header.write('X', 'latin1');
    header.writeUInt32LE(text.length, 1);
    return Buffer.concat([header, text]);
  }
  if (typeof value === 'number') return writeNumber(value);
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.from(']('), ...value.map(write), Buffer.from('e')]);
  }
  if (value instanceof Map) {
    const items = [...(value as Map<unknown, unknown>)].flatMap(([key, item]) => [
      write(key),
      write(item),
    ]);
    return Buffer.concat([Buffer.from('}('), ...items, Buffer.from('u')]);
  }
  throw new Error('The test pickles something unknown.');
}

function writeNumber(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
    bytes.write('J', 'latin1');
    bytes.writeInt32LE(value, 1);
    return bytes.subarray(0, 5);
  }
  bytes.write('G', 'latin1');
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function writeTensor(tensor: PickledTensor): Buffer {
  const storage = new Raw(
    write(
      new Tuple(
        'storage',
        new Raw(`ctorch\n${tensor.type}\n`),
        tensor.key,
        'cuda:0',
        tensor.length,
      ),
    ),
    'Q',
  );
  const hooks = new Raw('ccollections\nOrderedDict\n)R');
  const args = new Tuple(
    storage,
    tensor.offset,
    new Tuple(...tensor.size),
    new Tuple(...tensor.stride),
    false,
    hooks,
  );
  return Buffer.concat([
    Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n'),
    write(args),
    Buffer.from('R'),
  ]);
}
