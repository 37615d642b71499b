import * as ort from 'onnxruntime-node';
import { SitusError } from '../../contracts/index.ts';
import { ELEMENT, GraphBuilder } from '../onnx/graph.ts';
import { deviceError, type Runtime } from './session.ts';
import { runOnce } from './watched-session.ts';

const SIZE = 5;
const KERNEL = 3;

/**
 * Runs a small 3-D convolution on the device and compares it with what it must give.
 * @throws SitusError `DEVICE_NOT_AVAILABLE` with the runtime's reason, also when the result is wrong.
 */
export async function probeDevice(runtime: Runtime): Promise<void> {
  const graph = new GraphBuilder();
  const ones = new Float32Array(KERNEL ** 3).fill(1);
  const kernel = [1, 1, KERNEL, KERNEL, KERNEL];
  const convolved = graph.node('Conv', ['x', graph.constant('kernel', 'float32', kernel, ones)], {
    kernel_shape: { ints: kernel.slice(2) },
    pads: { ints: [1, 1, 1, 1, 1, 1] },
  });
  graph.namedNode('Identity', [convolved], 'y');
  const shape = [1, 1, SIZE, SIZE, SIZE];
  const model = graph.finish('situs_probe', { name: 'x', shape }, { name: 'y', shape });
  const values = Float32Array.from({ length: SIZE ** 3 }, (_, i) => i);
  const found = await answerOf(runtime, model, new ort.Tensor('float32', values, shape));
  const centre = (SIZE ** 3 - 1) / 2;
  // The neighbourhood of the middle voxel is symmetric around its value.
  if (found[centre] !== centre * KERNEL ** 3) {
    throw deviceError(runtime.device, 'a test convolution gave a wrong result');
  }
}

/** Whether the device can hold binary16 and rounds to it as it should. */
export async function holdsHalves(runtime: Runtime): Promise<boolean> {
  const graph = new GraphBuilder();
  const half = graph.node('Cast', ['x'], { to: { int: ELEMENT.float16 } });
  graph.namedNode('Cast', [half], 'y', { to: { int: ELEMENT.float32 } });
  // Ties to even below and above, a subnormal, and one that must round up.
  const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 5 * 2 ** -25, 1.0009, -3.1415927);
  const shape = [values.length];
  const model = graph.finish('situs_halves', { name: 'x', shape }, { name: 'y', shape });
  try {
    const found = await answerOf(runtime, model, new ort.Tensor('float32', values, shape));
    return values.every((value, i) => found[i] === Math.f16round(value));
  } catch (error) {
    if (error instanceof SitusError && error.origin === 'device') return false;
    throw error;
  }
}

async function answerOf(
  runtime: Runtime,
  model: Uint8Array<ArrayBuffer>,
  input: ort.Tensor,
): Promise<Float32Array> {
  const { answer } = await runOnce(runtime, { model }, { x: input });
  const { y } = answer;
  return y?.data instanceof Float32Array ? y.data : new Float32Array(0);
}
