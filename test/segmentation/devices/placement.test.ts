import { describe, expect, it } from '@jest/globals';
import { judgePlacement } from '../../../src/segmentation/engine/placement.ts';
import { errorOf } from '../support/errors.ts';

/** One node of the runtime's profile. */
function ran(
  operator: string,
  provider: string,
  type = 'float',
  shape: readonly number[] = [1, 32, 64, 64, 64],
): unknown {
  return {
    cat: 'Node',
    name: `${operator}_kernel_time`,
    args: { op_name: operator, provider, output_type_shape: [{ [type]: shape }] },
  };
}

const CUDA = 'CUDAExecutionProvider';
const CPU = 'CPUExecutionProvider';

describe('what ran where', () => {
  it('counts runs by provider', () => {
    const events = [
      { cat: 'Session', name: 'model_run' },
      ran('Conv', CUDA),
      ran('Add', CUDA),
      ran('Gather', CPU, 'int64', [3]),
    ];
    expect(judgePlacement(events, 'cuda')).toEqual({ [CUDA]: 2, [CPU]: 1 });
  });

  it.each([
    ['a convolution', ran('Conv', CPU)],
    ['a large sum', ran('Add', CPU, 'float16')],
    ['a slice of labels', ran('Cast', CPU, 'uint8', [512, 512])],
  ])('refuses %s on the host', (_, event) => {
    const error = errorOf(() => judgePlacement([ran('Conv', CUDA), event], 'cuda'));
    expect(error).toMatchObject({ code: 'DEVICE_FELL_BACK', origin: 'device' });
    expect(error?.message).toContain(CPU);
  });

  it('leaves loops, copies, counters and places to the host', () => {
    const events = [
      ran('Conv', CUDA),
      ran('Loop', CPU, 'float16'),
      ran('MemcpyToHost', CUDA, 'float', []),
      ran('Add', CPU, 'int64', []),
      ran('Identity', CPU, 'bool', []),
    ];
    expect(judgePlacement(events, 'cuda')[CPU]).toBe(3);
  });

  it('refuses a device that ran nothing', () => {
    const error = errorOf(() => judgePlacement([ran('Gather', CPU, 'int64', [1])], 'webgpu'));
    expect(error?.code).toBe('DEVICE_FELL_BACK');
  });

  it('lets CUDA help TensorRT, but not with convolutions', () => {
    const engine = ran('TRTKernel_graph_0', 'TensorrtExecutionProvider');
    expect(judgePlacement([engine, ran('Concat', CUDA)], 'tensorrt')).toHaveProperty(CUDA, 1);
    const error = errorOf(() => judgePlacement([engine, ran('Conv', CUDA)], 'tensorrt'));
    expect(error?.code).toBe('DEVICE_FELL_BACK');
  });

  it('says so when the profile is empty', () => {
    expect(errorOf(() => judgePlacement([], 'cuda'))?.code).toBe('PLACEMENT_UNKNOWN');
  });
});
