import type { InferencePlan } from './plan.ts';
import { unsupported } from './unsupported.ts';

/**
 * How nnU-Net's readers hold an image (nnunet-inference §1.3, §8). Readers that turn nothing get the array in LPS order:
 * that is how MRSegmentator feeds its networks, and how axial DICOM series lie as they are.
 */
const ORIENTATIONS: Readonly<Record<string, InferencePlan['orientation']>> = {
  SimpleITKIO: 'LPS',
  NibabelIO: 'LPS',
  SimpleITKIOWithReorient: 'RAS',
  NibabelIOWithReorient: 'RAS',
};

/** @param name `image_reader_writer` of plans.json */
export function readOrientation(name = 'SimpleITKIO'): InferencePlan['orientation'] {
  const orientation = Object.hasOwn(ORIENTATIONS, name) ? ORIENTATIONS[name] : undefined;
  if (orientation === undefined) {
    throw unsupported(
      `it was trained on images of another kind (image_reader_writer is "${name}")`,
      {
        key: 'image_reader_writer',
      },
    );
  }
  return orientation;
}
