import type { HeaderValue } from '../../contracts/index.ts';
import type { FieldValues } from '../../routing/index.ts';
import type { Kind } from './relevant.ts';

/** What the series of one group have in common. Null where the headers do not say. */
export interface GroupKey {
  readonly modality: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly station: string | null;
  /** In tesla: to the half from 1 T, to the hundredth below, so that 2.89 and 3 are one. */
  readonly fieldStrength: number | null;
  /** In lower case, `_` as a blank and numbers that stand alone as `#`. */
  readonly description: string | null;
  /** The target, or `unknown`. */
  readonly sequence: string;
  readonly between: readonly string[];
}

export const KEY_FIELDS = [
  'modality',
  'manufacturer',
  'model',
  'station',
  'fieldStrength',
  'description',
] as const;

const LONGEST = 256;
/** `t1`, `3d` and `b50` are words; `320` in `haste 320` and `2.5` are numbers that series differ by. */
const LONE_NUMBER = /(?<![a-z0-9])\d+(?:[.,]\d+)*(?![a-z0-9])/g;

export function groupKey(fields: FieldValues<(typeof KEY_FIELDS)[number]>, kind: Kind): GroupKey {
  const description = firstText(fields.description);
  return {
    modality: firstText(fields.modality),
    manufacturer: firstText(fields.manufacturer),
    model: firstText(fields.model),
    station: firstText(fields.station),
    fieldStrength: nominalField(fields.fieldStrength),
    description:
      description === null
        ? null
        : description.toLowerCase().replaceAll('_', ' ').replace(LONE_NUMBER, '#'),
    sequence: kind.sequence,
    between: kind.between,
  };
}

/** The group as a text; two series are of one group when it is the same. */
export function keyText(key: GroupKey): string {
  const { modality, manufacturer, model, station, fieldStrength, description } = key;
  const folded = [modality, manufacturer, model, station].map((one) => one?.toLowerCase() ?? null);
  return JSON.stringify([...folded, fieldStrength, description, key.sequence, key.between]);
}

/** The first value as a text of bounded length; null where it is missing or blank. */
export function firstText(value: HeaderValue | boolean | undefined): string | null {
  const text = String((typeof value === 'object' ? value[0] : value) ?? '').trim();
  return text === '' ? null : text.slice(0, LONGEST);
}

function nominalField(value: HeaderValue | boolean | undefined): number | null {
  const tesla = Number(value ?? NaN);
  if (!Number.isFinite(tesla) || tesla <= 0) return null;
  return tesla >= 1 ? Math.round(tesla * 2) / 2 : Math.round(tesla * 100) / 100;
}
