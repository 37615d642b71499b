import type { Vec3 } from './plan.ts';
import { planInvalid } from './unsupported.ts';

/**
 * Three numbers of an axis each, of a list of plans.json. What a 2-D configuration lacks is put in front: it runs as
 * a 3-D one whose axis 0 has patches, kernels and strides of 1.
 * @param first the number for axis 0 of 2-D lists
 */
export function toVec3(
  key: string,
  values: readonly number[],
  dimensions: 2 | 3,
  first: number,
): Vec3 {
  if (values.length !== dimensions) {
    throw planInvalid(
      'plans.json',
      `${key} has ${values.length} numbers, the patch size ${dimensions}`,
    );
  }
  const [a = 1, b = 1, c = 1] = dimensions === 2 ? [first, ...values] : values;
  return [a, b, c];
}

/** One number a stage; a single number counts for every stage. */
export function perStage(
  key: string,
  value: number | readonly number[] | undefined,
  stages: number,
): number[] {
  return [...listPerStage(key, value, stages)];
}

/** Numbers for the three axes, a stage; one number stands for all axes, and one for all stages. */
export function sizesPerStage(
  key: string,
  value: number | readonly (number | readonly number[])[] | undefined,
  stages: number,
  dimensions: 2 | 3,
): Vec3[] {
  return listPerStage(key, value, stages).map((item) => {
    const axes = typeof item === 'number' ? new Array<number>(dimensions).fill(item) : item;
    return toVec3(key, axes, dimensions, 1);
  });
}

function listPerStage<T>(
  key: string,
  value: number | readonly T[] | undefined,
  stages: number,
): readonly (number | T)[] {
  const list = typeof value === 'number' ? new Array<number>(stages).fill(value) : value;
  if (list === undefined) throw planInvalid('plans.json', `its network lacks ${key}`);
  if (list.length === stages) return list;
  throw planInvalid(
    'plans.json',
    `its network has lists of different lengths: ${key} has ${list.length} entries instead of ${stages}`,
  );
}
