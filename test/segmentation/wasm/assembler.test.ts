import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Kernel } from '../../../src/segmentation/wasm/assembler.ts';
import { assemble, kernel, loop } from '../../../src/segmentation/wasm/assembler.ts';
import { i32, i32x4, v128 } from '../../../src/segmentation/wasm/instructions.ts';

type Exports = Readonly<Record<string, (...numbers: number[]) => number>>;

function run(...kernels: readonly Kernel[]): { exports: Exports; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(assemble(kernels));
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { exports: instance.exports as unknown as Exports, memory };
}

describe('the assembler', () => {
  it('writes numbers of any size', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const { exports } = run(
          kernel('constant', [], () => ({ body: [], result: i32.const(value) })),
        );
        expect(exports['constant']?.()).toBe(value);
      }),
      {
        seed: 1,
        numRuns: 300,
        examples: [[0], [-1], [63], [64], [-64], [-65], [2 ** 31 - 1], [-(2 ** 31)]],
      },
    );
  });

  it('hands parameters over in order and keeps several functions apart', () => {
    const { exports } = run(
      kernel('minus', ['a', 'b'], ({ a, b }) => ({ body: [], result: i32.sub(a, b) })),
      kernel('times', ['a', 'b'], ({ a, b }) => ({ body: [], result: i32.mul(a, b) })),
    );
    expect(exports['minus']?.(9, 4)).toBe(5);
    expect(exports['times']?.(9, 4)).toBe(36);
  });

  it('loops from, below, by; not at all when there is nothing to do', () => {
    const { exports } = run(
      kernel('sum', ['from', 'end', 'step'], ({ from, end, step }, variables) => {
        const [counter, sum] = [variables.i32(), variables.i32()];
        return {
          body: [loop(counter, from, end, step, [sum.set(i32.add(sum, counter))])],
          result: sum,
        };
      }),
    );
    expect(exports['sum']?.(1, 5, 1)).toBe(10);
    expect(exports['sum']?.(0, 9, 4)).toBe(12);
    expect(exports['sum']?.(5, 5, 1)).toBe(0);
    expect(exports['sum']?.(-3, -1, 1)).toBe(-5);
  });

  it('makes equal constants once, before the body', () => {
    const { exports, memory } = run(
      kernel('fill', ['at'], ({ at }, variables) => {
        const seven = variables.constant(i32x4.const(7));
        expect(variables.constant(i32x4.const(7))).toBe(seven);
        return { body: [v128.store(at, i32x4.add(seven, seven), 16)] };
      }),
    );
    exports['fill']?.(32);
    expect([...new Int32Array(memory.buffer, 48, 4)]).toEqual([14, 14, 14, 14]);
  });
});
