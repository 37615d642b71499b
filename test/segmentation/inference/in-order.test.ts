import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inOrder } from '../../../src/segmentation/inference/in-order.ts';

describe('working ahead in order', () => {
  it('yields in the order of the items, whichever ends first, with no more at a time than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (turns, limit) => {
          let running = 0;
          let most = 0;
          const results: number[] = [];
          const work = async (item: number): Promise<number> => {
            most = Math.max(most, (running += 1));
            for (let i = 0; i <= (turns[item] ?? 0); i += 1) await new Promise(setImmediate);
            running -= 1;
            return item;
          };
          for await (const [item, result] of inOrder(turns.keys(), limit, work)) {
            expect(result).toBe(item);
            results.push(result);
          }
          expect(results).toEqual([...turns.keys()]);
          expect(most).toBe(Math.min(limit, turns.length));
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });

  it('runs nothing while a result is in use when only one may run', async () => {
    const started: number[] = [];
    const start = (item: number): Promise<number> => {
      started.push(item);
      return Promise.resolve(item);
    };
    for await (const [item] of inOrder([0, 1, 2], 1, start)) {
      await new Promise(setImmediate);
      expect(started).toHaveLength(item + 1);
    }
  });

  it('throws the error of an item where its turn comes, and leaves none unhandled', async () => {
    const seen: number[] = [];
    const start = (item: number): Promise<number> =>
      item > 0 ? Promise.reject(new Error(`item ${item}`)) : Promise.resolve(item);
    await expect(async () => {
      for await (const [item] of inOrder([0, 1, 2, 3], 3, start)) seen.push(item);
    }).rejects.toThrow('item 1');
    await new Promise(setImmediate);
    expect(seen).toEqual([0]);
  });
});
