import type { Labels, Structure, Volume } from '../contracts/index.ts';
import { fault, refuse } from '../contracts/index.ts';
import type { ResultInput } from './input.ts';
import { resultUids } from './uids.ts';

/** A structure that has at least one voxel, with its number in SEG and SR. */
export interface PresentSegment {
  /** Dense 1..n in the order of the model's labels; in label maps the label itself (§1.1). */
  readonly number: number;
  /** Value in the label volume: the model's own index. */
  readonly label: number;
  readonly structure: Structure;
  readonly trackingId: string;
  readonly trackingUid: string;
}

/** For every slice, which label values occur: `seen[slice * 256 + label]` is 1. */
export interface Presence {
  readonly slices: number;
  readonly seen: Uint8Array;
  /** Label values with at least one voxel, ascending, background left out. */
  readonly labels: readonly number[];
}

/** One pass over the labels. */
export function findPresence(labels: Labels, volume: Volume): Presence {
  const [slices, rows, columns] = labels.shape;
  const fits = labels.shape.every((length, axis) => length === volume.shape[axis]);
  if (!fits || labels.voxels.length !== slices * rows * columns) {
    throw fault('LABELS_SHAPE', 'The labels do not lie on the grid of their volume.', {
      labels: labels.shape,
      volume: volume.shape,
      voxels: labels.voxels.length,
    });
  }
  const seen = new Uint8Array(slices * 256);
  const { voxels } = labels;
  const area = rows * columns;
  for (let slice = 0; slice < slices; slice += 1) {
    const end = (slice + 1) * area;
    let last = -1;
    for (let index = slice * area; index < end; index += 1) {
      const value = voxels[index] ?? 0;
      if (value === last) continue;
      last = value;
      seen[slice * 256 + value] = 1;
    }
  }
  const present: number[] = [];
  for (let label = 1; label < 256; label += 1) {
    for (let slice = 0; slice < slices; slice += 1) {
      if (seen[slice * 256 + label] !== 1) continue;
      present.push(label);
      break;
    }
  }
  return { slices, seen, labels: present };
}

/** The slices that hold a structure, ascending along the normal. */
export function heldSlices({ slices, seen, labels }: Presence): number[] {
  return Array.from({ length: slices }, (_, slice) => slice).filter((slice) =>
    labels.some((label) => seen[slice * 256 + label] === 1),
  );
}

/**
 * The structures that are present, in model order.
 * @throws SitusError EMPTY_SEGMENTATION (refuse), INVALID_LABEL, UNKNOWN_STRUCTURE (fault).
 */
export function presentSegments(input: ResultInput, presence: Presence): PresentSegment[] {
  if (presence.labels.length === 0) {
    throw refuse(
      'EMPTY_SEGMENTATION',
      `No structure was found in series ${input.identity.seriesInstanceUid}; nothing is stored.`,
      'Check that the series shows the abdomen and that the model fits the sequence.',
      { series: input.identity.seriesInstanceUid },
    );
  }
  const uids = resultUids(input.identity);
  const byName = new Map(input.structures.map((structure) => [structure.name, structure]));
  return presence.labels.map((label, index) => {
    const name = input.labels.structures[label];
    if (name === undefined) {
      throw fault(
        'INVALID_LABEL',
        `The label volume holds ${label}, which the model does not name.`,
        {
          label,
        },
      );
    }
    const structure = byName.get(name);
    if (structure === undefined) {
      throw fault('UNKNOWN_STRUCTURE', `No code is known for the structure ${name}.`, { name });
    }
    return {
      number: input.encoding === 'LABELMAP' ? label : index + 1,
      label,
      structure,
      trackingId: `${name} (${input.identity.model})`,
      trackingUid: uids.tracking(name),
    };
  });
}
