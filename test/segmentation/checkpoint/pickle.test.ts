import { describe, expect, it } from '@jest/globals';
import { Opaque, TensorRef } from '../../../src/segmentation/checkpoint/pickle-values.ts';
import { PICKLE_LIMITS, unpickle } from '../../../src/segmentation/checkpoint/pickle.ts';
import { errorCode, errorOf } from '../support/errors.ts';
import { Raw, TensorValue, Tuple, writePickle } from '../support/pickle-writer.ts';

const proto2 = (...parts: (string | number | Buffer)[]): Uint8Array =>
  new Uint8Array(new Raw(0x80, 2, ...parts).bytes);

describe('reading pickles', () => {
  it('reads every value torch writes', () => {
    const value = new Map<unknown, unknown>([
      ['none', null],
      ['flags', [true, false]],
      ['numbers', [0, 255, 65_535, -7, 0.5]],
      ['nested', new Map([[3, new Tuple('a', 'ä')]])],
    ]);
    expect(unpickle(writePickle(value))).toEqual(
      new Map<unknown, unknown>([
        ['none', null],
        ['flags', [true, false]],
        ['numbers', [0, 255, 65_535, -7, 0.5]],
        ['nested', new Map([[3, ['a', 'ä']]])],
      ]),
    );
  });

  it('reads long integers, exactly where a number is not', () => {
    expect(unpickle(proto2(0x8a, 0, '.'))).toBe(0);
    expect(unpickle(proto2(0x8a, 2, 0x00, 0x80, '.'))).toBe(-32_768);
    expect(unpickle(proto2(0x8a, 8, Buffer.alloc(8, 0x7f), '.'))).toBe(0x7f7f7f7f7f7f7f7fn);
  });

  it('remembers values by their memo number', () => {
    expect(unpickle(proto2(']', 'q\x05', 'K\x01', 'a', 'h\x05', 0x86, '.'))).toEqual([[1], [1]]);
  });

  it('reads tensors, ordered dictionaries, numpy scalars and devices', () => {
    const tensor = new TensorValue({
      key: '7',
      type: 'HalfStorage',
      length: 12,
      offset: 2,
      size: [2, 3],
      stride: [3, 1],
    });
    const read = unpickle(writePickle([tensor, new Raw('ctorch\ndevice\nX\x03\0\0\0cpu\x85R')]));
    expect(read).toEqual([
      new TensorRef({ key: '7', dtype: 'float16', length: 12 }, 2, [2, 3], [3, 1]),
      new Opaque('device'),
    ]);
  });

  it.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['builtins', 'eval'],
    ['__builtin__', 'exec'],
    ['subprocess', 'Popen'],
    ['torch', 'load'],
    ['collections', 'OrderedDict.__init__'],
    ['collections.OrderedDict', ''],
    ['__proto__', 'constructor'],
    ['torch', 'toString'],
    ['torch._utils', '_rebuild_parameter'],
  ])('refuses the global %s.%s and names it', (module, name) => {
    const call = proto2(`c${module}\n${name}\n`, 'X\x02\0\0\0id\x85R.');
    const error = errorOf(() => unpickle(call));
    expect(error?.code).toBe('CHECKPOINT_UNSAFE_GLOBAL');
    expect(error?.message).toContain(`${module}.${name}`);
  });

  it('refuses every opcode that is not on the list, at its place', () => {
    const allowed = new Set(
      Buffer.from('}])(qrhjcRbQtaesu.NJKMGX\x80\x85\x86\x87\x88\x89\x8a', 'latin1'),
    );
    for (let opcode = 0; opcode < 256; opcode += 1) {
      const error = errorOf(() => unpickle(proto2('N', opcode, Buffer.alloc(20))));
      const refused = error?.code === 'CHECKPOINT_UNSAFE_OPCODE' && error.details['at'] === 3;
      expect({ opcode, refused }).toEqual({ opcode, refused: !allowed.has(opcode) });
    }
  });

  it.each<[string, Uint8Array]>([
    ['another protocol', new Uint8Array([0x80, 4, 0x4e, 0x2e])],
    ['a call of a storage type', proto2('ctorch\nFloatStorage\n)R.')],
    ['a call of a string', proto2('X\x01\0\0\0a)R.')],
    ['a storage without type', proto2('(X\x07\0\0\0storageNX\x01\0\0\x000NK\x01tQ.')],
    [
      'a storage key that is a path',
      proto2('(X\x07\0\0\0storagectorch\nFloatStorage\nX\x04\0\0\0../aNK\x01tQ.'),
    ],
    ['attributes on a list', proto2(']Nb.')],
    ['items for a tuple that is none', proto2('K\x01K\x02a.')],
    ['an odd number of items', proto2('}(K\x01u.')],
    ['a dictionary as key', proto2('}}K\x01s.')],
    ['a memo that was never set', proto2('h\x09.')],
    ['an empty stack', proto2('.')],
    ['a mark instead of a value', proto2('(.')],
    ['left-over values', proto2('NN.')],
    ['an endless name', proto2(`c${'a'.repeat(2000)}\nb\n.`)],
    ['a string longer than the file', proto2('X\xff\xff\xff\x7fabc.')],
  ])('refuses %s', (_, bytes) => {
    expect(errorCode(() => unpickle(bytes))).toBe('CHECKPOINT_MALFORMED');
  });

  it('refuses tensors that reach beyond their storage', () => {
    const tensor = (size: number[], stride: number[], offset = 0): unknown => {
      const value = { key: '0', type: 'FloatStorage', length: 6, offset, size, stride };
      return unpickle(writePickle(new TensorValue(value)));
    };
    expect(errorCode(() => tensor([2, 3], [3, 1]))).toBeNull();
    expect(errorCode(() => tensor([2, 3], [3, 1], 1))).toBe('CHECKPOINT_MALFORMED');
    expect(errorCode(() => tensor([2, 4], [3, 1]))).toBe('CHECKPOINT_MALFORMED');
    expect(errorCode(() => tensor([-1], [1]))).toBe('CHECKPOINT_MALFORMED');
  });

  it('refuses every truncation', () => {
    const whole = writePickle(new Map([['a', [1, 2.5, 'text', null]]]));
    for (let length = 0; length < whole.length; length += 1) {
      expect(errorCode(() => unpickle(whole.subarray(0, length)))).toBe('CHECKPOINT_MALFORMED');
    }
  });

  it('bounds bytes, operations and stack', () => {
    const many = proto2('N'.repeat(5000), '.');
    const limited = (limits: Partial<typeof PICKLE_LIMITS>): string | null =>
      errorCode(() => unpickle(many, { ...PICKLE_LIMITS, ...limits }));
    expect(limited({ maxBytes: 100 })).toBe('CHECKPOINT_TOO_LARGE');
    expect(limited({ maxOperations: 100 })).toBe('CHECKPOINT_TOO_LARGE');
    expect(limited({ maxStack: 100 })).toBe('CHECKPOINT_TOO_LARGE');
  });

  it('gives keys of the file no way to objects', () => {
    const read = unpickle(writePickle(new Map([['__proto__', new Map([['polluted', 1]])]])));
    expect(read).toBeInstanceOf(Map);
    expect('polluted' in {}).toBe(false);
  });
});
