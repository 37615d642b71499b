import type { InferencePlan, Vec3 } from './plan.ts';

/**
 * Spacing of the network's grid. A 2-D model keeps the distance of its slices, whatever it is (nnunet-inference §2.5).
 * @param spacing whose axis 0 a 2-D model keeps
 */
export function targetSpacing(
  plan: Pick<InferencePlan, 'spacing' | 'architecture'>,
  spacing: Vec3,
): Vec3 {
  return plan.architecture.dimensions === 2
    ? [spacing[0], plan.spacing[1], plan.spacing[2]]
    : plan.spacing;
}
