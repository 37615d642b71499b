import { describe, expect, it } from '@jest/globals';
import { memorySource } from '../../../src/segmentation/checkpoint/byte-source.ts';
import type { Checkpoint } from '../../../src/segmentation/checkpoint/checkpoint.ts';
import { readCheckpoint } from '../../../src/segmentation/checkpoint/checkpoint.ts';
import { errorCode, errorOf } from '../support/errors.ts';
import { checkpointBytes, plainShapes } from '../support/nnunet-folder.ts';
import type { CheckpointOptions } from '../support/nnunet-folder.ts';
import { Raw, TensorValue } from '../support/pickle-writer.ts';

const read = (options: CheckpointOptions = {}): Checkpoint =>
  readCheckpoint(memorySource('checkpoint_final.pth', checkpointBytes(options)));

const NORM = 'encoder.stages.0.0.convs.0.norm.weight';
const ALIAS = 'encoder.stages.0.0.convs.0.all_modules.1.weight';

describe('reading checkpoints', () => {
  it('keeps the network’s own names and drops the aliases', () => {
    const { weights, configuration, trainer, mirrorAxes } = read();
    expect(new Map([...weights].map(([name, { shape }]) => [name, shape]))).toEqual(plainShapes(3));
    expect({ configuration, trainer, mirrorAxes }).toEqual({
      configuration: '3d_fullres',
      trainer: 'nnUNetTrainerNoMirroring',
      mirrorAxes: [],
    });
  });

  it('reads the mirroring axes and refuses others', () => {
    expect(read({ mirrorAxes: [0, 2] }).mirrorAxes).toEqual([0, 2]);
    expect(errorCode(() => read({ mirrorAxes: [0, 3] }))).toBe('CHECKPOINT_INCOMPLETE');
    expect(errorCode(() => read({ mirrorAxes: [1, 1] }))).toBe('CHECKPOINT_INCOMPLETE');
  });

  it.each([
    ['FloatStorage', new Uint8Array(Float32Array.of(1.5, -2, 0.25, 3).buffer)],
    ['HalfStorage', new Uint8Array(Float16Array.of(1.5, -2, 0.25, 3).buffer)],
    ['DoubleStorage', new Uint8Array(Float64Array.of(1.5, -2, 0.25, 3).buffer)],
    ['BFloat16Storage', new Uint8Array(Uint16Array.of(0x3fc0, 0xc000, 0x3e80, 0x4040).buffer)],
  ])('widens %s to binary32', (type, bytes) => {
    const { weights } = read({
      tamper: (dictionary, parts) => {
        const tensor = new TensorValue({
          key: 'x',
          type,
          length: 4,
          offset: 0,
          size: [4],
          stride: [1],
        });
        dictionary.set('extra', tensor);
        parts.push({ name: 'ckpt/data/x', bytes });
      },
    });
    expect([...(weights.get('extra')?.values ?? [])]).toEqual([1.5, -2, 0.25, 3]);
  });

  it('gathers views that are not dense', () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    const { weights } = read({
      tamper: (dictionary, parts) => {
        const view = {
          key: 'x',
          type: 'FloatStorage',
          length: 12,
          offset: 1,
          size: [3, 2],
          stride: [1, 4],
        };
        dictionary.set('extra', new TensorValue(view));
        parts.push({ name: 'ckpt/data/x', bytes: new Uint8Array(values.buffer) });
      },
    });
    expect([...(weights.get('extra')?.values ?? [])]).toEqual([1, 5, 2, 6, 3, 7]);
  });

  it('accepts an alias in another storage with the same numbers', () => {
    const copied = (change: number): CheckpointOptions => ({
      tamper: (dictionary, parts) => {
        const original = dictionary.get(NORM) as TensorValue;
        const part = parts[Number(original.tensor.key)];
        const values = new Float32Array(Uint8Array.from(part?.bytes ?? []).buffer);
        values[1] = (values[1] ?? 0) + change;
        dictionary.set(ALIAS, new TensorValue({ ...original.tensor, key: 'copy' }));
        parts.push({ name: 'ckpt/data/copy', bytes: new Uint8Array(values.buffer) });
      },
    });
    expect(errorCode(() => read(copied(0)))).toBeNull();
    const error = errorOf(() => read(copied(0.001)));
    expect(error?.code).toBe('CHECKPOINT_ALIAS_DIFFERS');
    expect(error?.message).toContain(ALIAS);
  });

  it('refuses an alias of nothing', () => {
    const code = errorCode(() =>
      read({
        tamper: (dictionary) => {
          dictionary.delete('encoder.stages.1.0.convs.0.conv.bias');
        },
      }),
    );
    expect(code).toBe('CHECKPOINT_ALIAS_WITHOUT_TARGET');
  });

  it('refuses a global that could run code, wherever it stands', () => {
    const evil = new Raw('cos\nsystem\nX\x02\0\0\0id\x85R');
    expect(errorCode(() => read({ extraTop: [['optimizer_state', evil]] }))).toBe(
      'CHECKPOINT_UNSAFE_GLOBAL',
    );
  });

  it.each<[string, CheckpointOptions, string]>([
    [
      'integer weights',
      {
        tamper: (dictionary) => {
          const original = dictionary.get(NORM) as TensorValue;
          dictionary.set('x', new TensorValue({ ...original.tensor, type: 'IntStorage' }));
        },
      },
      'CHECKPOINT_TENSOR',
    ],
    [
      'a storage of another size',
      {
        tamper: (dictionary) => {
          const original = dictionary.get(NORM) as TensorValue;
          dictionary.set('x', new TensorValue({ ...original.tensor, length: 5 }));
        },
      },
      'CHECKPOINT_TENSOR',
    ],
    [
      'weights that are not finite',
      {
        tamper: (_, parts) => {
          const first = parts[0];
          if (first) new DataView(first.bytes.buffer).setFloat32(8, Number.NaN, true);
        },
      },
      'CHECKPOINT_TENSOR',
    ],
    ['a missing storage', { tamper: (_, parts) => void parts.pop() }, 'CHECKPOINT_INCOMPLETE'],
    [
      'no weights',
      {
        tamper: (dictionary) => {
          dictionary.clear();
        },
      },
      'CHECKPOINT_INCOMPLETE',
    ],
    [
      'a number as weights',
      {
        tamper: (dictionary) => {
          dictionary.set('x', 1);
        },
      },
      'CHECKPOINT_INCOMPLETE',
    ],
  ])('refuses %s', (_, options, code) => {
    expect(errorCode(() => read(options))).toBe(code);
  });

  it('refuses big-endian numbers', () => {
    const bytes = Buffer.from(checkpointBytes());
    const at = bytes.indexOf('little');
    bytes.write('bigbig', at, 'latin1');
    expect(errorCode(() => readCheckpoint(memorySource('x.pth', new Uint8Array(bytes))))).toMatch(
      /ZIP_DAMAGED|CHECKPOINT_INCOMPLETE/,
    );
  });
});
