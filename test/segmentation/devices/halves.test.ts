import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import {
  createSession,
  openRuntime,
  runSession,
} from '../../../src/segmentation/engine/session.ts';
import { countBeyond, rounded } from '../../../src/segmentation/fused/halves.ts';
import { GraphBuilder } from '../../../src/segmentation/onnx/graph.ts';

const runtime = openRuntime({ device: 'cpu', threads: 1 });

async function run(
  write: (graph: GraphBuilder) => string,
  values: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const graph = new GraphBuilder();
  graph.namedNode('Identity', [write(graph)], 'y');
  const model = graph.finish('test', { name: 'x', shape: ['n'] }, { name: 'y', shape: [] });
  const session = await createSession(runtime, { model });
  const { y } = await runSession(runtime, session, {
    x: new ort.Tensor('float32', values, [values.length]),
  });
  await session.release();
  return y?.data as Float32Array;
}

/** Numbers of all sizes that halves have, many of them exactly between two halves. */
function numbers(): Float32Array<ArrayBuffer> {
  const number = fc
    .tuple(
      fc.integer({ min: -26, max: 15 }),
      fc.integer({ min: 0, max: 2 ** 23 - 1 }),
      fc.boolean(),
    )
    .map(([exponent, digits, isTie]) => {
      const fraction = isTie ? (digits & ~0x1fff) | 0x1000 : digits;
      return (digits % 2 === 0 ? 1 : -1) * 2 ** exponent * (1 + fraction / 2 ** 23);
    });
  return Float32Array.from(fc.sample(number, { seed: 16, numRuns: 20_000 })).filter(
    (value) => Math.abs(value) < 65_504,
  );
}

describe('halves in graphs', () => {
  it.each(['float16', 'float32'] as const)('rounds as binary16 does, ring of %s', async (type) => {
    const values = numbers();
    const found = await run((graph) => rounded(graph, 'x', type), values);
    const wrong = values.filter((value, i) => found[i] !== Math.f16round(value));
    expect([...wrong.slice(0, 5)]).toEqual([]);
    expect(values.length).toBeGreaterThan(15_000);
  });

  it('counts what halves can not hold', async () => {
    const values = Float32Array.of(0, -65_519, 65_520, Infinity, -Infinity, NaN, 2 ** -24);
    expect([...(await run((graph) => countBeyond(graph, 'x'), values))]).toEqual([4]);
  });
});
