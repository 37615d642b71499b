import { GATE_CHECKS } from '../contracts/index.ts';
import type {
  GateCheck,
  GateLevel,
  GateVerdict,
  Structure,
  StructureFindings,
} from '../contracts/index.ts';

import { mixedUpSides } from './laterality.ts';
import { volumeRangeOf } from './ranges.ts';

export interface GateOptions {
  /** What a failed check means; the defaults are in `DEFAULT_LEVELS`. */
  readonly levels?: { readonly [Check in GateCheck]?: GateLevel | undefined };
}

const DEFAULT_LEVELS: Readonly<Record<GateCheck, GateLevel>> = {
  'not-empty': 'hold',
  'field-of-view': 'warn',
  laterality: 'hold',
  'volume-range': 'warn',
};
const RANK: Readonly<Record<GateLevel, number>> = { pass: 0, warn: 1, hold: 2 };

interface Objection {
  readonly structure: string | null;
  readonly message: string;
  /** Weaker than the level of the check. */
  readonly atMost?: GateLevel;
}

type Check = (
  found: readonly StructureFindings[],
  structures: readonly Structure[],
) => readonly Objection[];

const CHECKS: Readonly<Record<GateCheck, Check>> = {
  'not-empty': notEmpty,
  'field-of-view': fieldOfView,
  laterality: mixedUpSides,
  'volume-range': volumeRange,
};

const PASSED: Readonly<Record<GateCheck, string>> = {
  'not-empty': 'The segmentation holds structures.',
  'field-of-view': 'No structure is cut by the field of view.',
  laterality: 'Left and right structures lie on their own sides.',
  'volume-range': 'No volume is far out of the range of adults.',
};

/** A verdict for every objection; a check without one gives a single `pass`, so that it shows it ran. */
export function runGate(
  found: readonly StructureFindings[],
  structures: readonly Structure[],
  options: GateOptions,
): readonly GateVerdict[] {
  return GATE_CHECKS.flatMap((check): GateVerdict[] => {
    const level = options.levels?.[check] ?? DEFAULT_LEVELS[check];
    const objections = CHECKS[check](found, structures);
    if (objections.length === 0) {
      return [{ check, level: 'pass', structure: null, message: PASSED[check] }];
    }
    return objections.map(({ structure, message, atMost }) => ({
      check,
      level: atMost !== undefined && RANK[atMost] < RANK[level] ? atMost : level,
      structure,
      message,
    }));
  });
}

export function worstLevel(gate: readonly GateVerdict[]): GateLevel {
  return gate.reduce<GateLevel>(
    (worst, { level }) => (RANK[level] > RANK[worst] ? level : worst),
    'pass',
  );
}

function notEmpty(found: readonly StructureFindings[]): readonly Objection[] {
  if (found.length > 0) return [];
  return [
    {
      structure: null,
      message:
        'EMPTY_SEGMENTATION: the network found no structure at all; is this the right series?',
    },
  ];
}

function fieldOfView(found: readonly StructureFindings[]): readonly Objection[] {
  return found
    .filter(({ truncated }) => truncated)
    .map(({ structure }) => ({
      structure,
      message: `${structure} reaches the edge of the field of view; its volume is that of the part inside.`,
    }));
}

/** A volume below the range is no wonder when the field of view cuts the structure. */
function volumeRange(found: readonly StructureFindings[]): readonly Objection[] {
  return found.flatMap(({ structure, volumeMl, truncated }) => {
    const range = volumeRangeOf(structure);
    if (range === null) return [];
    const tooSmall = volumeMl < range.minimum && !truncated;
    if (!tooSmall && volumeMl <= range.maximum) return [];
    const message = `${structure} measures ${shown(volumeMl)} mL; adults have ${shown(range.minimum)} to ${shown(range.maximum)} mL.`;
    return [{ structure, message }];
  });
}

function shown(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}
