import { describe, expect, it } from '@jest/globals';
import type { NetworkContext } from '../../../src/segmentation/onnx/blocks.ts';
import { convBlock, residualBlock, transposedConv } from '../../../src/segmentation/onnx/blocks.ts';
import { GraphBuilder } from '../../../src/segmentation/onnx/graph.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../../../src/segmentation/onnx/unet.ts';
import { WeightBook } from '../../../src/segmentation/onnx/weights.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { formulaPatch, formulaWeights, worstDifference } from '../support/formula.ts';
import type { GoldenHeader } from '../support/golden-networks.ts';
import { goldenNames, openGoldenNetwork, runOnce } from '../support/golden-networks.ts';
import { read } from '../support/plans.ts';

interface BlockHeader extends GoldenHeader {
  readonly kind: 'conv' | 'transposed' | 'residual';
  readonly to: number;
  readonly kernel?: Vec3;
  readonly stride: Vec3;
  readonly bias?: boolean;
  readonly input: readonly [number, number, number, number];
}

const PREFIX = 'block.';

function addBlock(context: NetworkContext, header: BlockHeader): string {
  const { kind, to, stride, kernel = [3, 3, 3], bias = true } = header;
  const [from] = header.input;
  if (kind === 'transposed')
    return transposedConv(context, NETWORK_INPUT, PREFIX, from, to, stride);
  const block = { from, to, kernel, stride };
  if (kind === 'residual') return residualBlock(context, NETWORK_INPUT, PREFIX, block);
  return convBlock(context, NETWORK_INPUT, { ...block, prefix: PREFIX, bias, activation: true });
}

/** Case B1 of nnunet-inference §6. */
describe('blocks of a network against torch', () => {
  it.each(goldenNames('blocks'))('%s: within 1e-5 of the largest number', async (name) => {
    const { header, sample } = openGoldenNetwork<BlockHeader>('blocks', name);
    const graph = new GraphBuilder();
    const weights = new WeightBook(formulaWeights(header.weights, header.seed), 3);
    const { architecture } = read({});
    const last = addBlock({ graph, weights, architecture }, header);
    weights.requireAllUsed(/^$/);
    graph.namedNode('Identity', [last], NETWORK_OUTPUT);
    const [channels, ...patch] = header.input;
    const model = graph.finish(
      name,
      { name: NETWORK_INPUT, shape: [1, channels, ...patch] },
      { name: NETWORK_OUTPUT, shape: [1, ...header.shape] },
    );
    const values = formulaPatch(channels, patch, header.seed);
    const answer = await runOnce(model, channels, patch, values);
    expect(answer.length).toBe(header.shape.reduce((product, n) => product * n, 1));
    expect(worstDifference(answer, sample, header.every)).toBeLessThanOrEqual(
      1e-5 * header.largest,
    );
  });
});
