import { isDecimalString } from './decimal.ts';

/** What PS3.5 table 6.2-1 says about the text VRs. Lengths count characters of one value. */
interface TextRule {
  readonly longest: number;
  readonly form?: RegExp;
  /** One value fills the element: a backslash is text, not a separator. */
  readonly single?: boolean;
  /** Line breaks and tabs are allowed. */
  readonly lines?: boolean;
}

const LIMIT = 4_294_967_294;

const TEXT_RULES: Readonly<Record<string, TextRule>> = {
  AE: { longest: 16, form: /^[\x20-\x5b\x5d-\x7e]*$/ },
  AS: { longest: 4, form: /^(\d{3}[DWMY])?$/ },
  CS: { longest: 16, form: /^[A-Z0-9 _]*$/ },
  DA: {
    longest: 8,
    form: /^(\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))?$/,
  },
  DS: { longest: 16 },
  DT: {
    longest: 26,
    form: /^(\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?)?$/,
  },
  IS: { longest: 12, form: /^([+-]?\d{1,11})?$/ },
  LO: { longest: 64 },
  LT: { longest: 10_240, single: true, lines: true },
  PN: { longest: 194, form: /^[^=]{0,64}(=[^=]{0,64}){0,2}$/u },
  SH: { longest: 16 },
  ST: { longest: 1_024, single: true, lines: true },
  TM: {
    longest: 14,
    form: /^(([01]\d|2[0-3])([0-5]\d([0-5]\d|60)?)?(\.\d{1,6})?)?$/,
  },
  UC: { longest: LIMIT },
  UI: { longest: 64, form: /^((0|[1-9]\d*)(\.(0|[1-9]\d*))+)?$/ },
  UR: { longest: LIMIT, single: true, form: /^[\x21-\x7e]*$/ },
  UT: { longest: LIMIT, single: true, lines: true },
};

interface NumberRule {
  readonly bytes: number;
  readonly least: number;
  readonly greatest: number;
}

/** The binary VRs with one number a value; floats have open ranges. */
export const NUMBER_RULES: Readonly<Record<string, NumberRule>> = {
  US: { bytes: 2, least: 0, greatest: 65_535 },
  SS: { bytes: 2, least: -32_768, greatest: 32_767 },
  UL: { bytes: 4, least: 0, greatest: 4_294_967_295 },
  SL: { bytes: 4, least: -2_147_483_648, greatest: 2_147_483_647 },
  FL: { bytes: 4, least: -3.402_823_466_385_288_6e38, greatest: 3.402_823_466_385_288_6e38 },
  FD: { bytes: 8, least: -Number.MAX_VALUE, greatest: Number.MAX_VALUE },
};

/** VRs whose element holds exactly one value even where a backslash occurs. */
export function isSingleText(vr: string): boolean {
  return TEXT_RULES[vr]?.single === true;
}

export function isTextVr(vr: string): boolean {
  return vr in TEXT_RULES;
}

/**
 * Why a text is not a legal value of a VR (PS3.5 6.2), or null when it is. Checks length in
 * characters, form, control characters and the separators that would split it.
 */
export function textProblem(vr: string, text: string): string | null {
  const rule = TEXT_RULES[vr];
  if (rule === undefined) return `${vr} is not a text VR`;
  const characters = text.length <= rule.longest ? text.length : [...text].length;
  if (characters > rule.longest)
    return `has ${characters} characters, ${vr} allows ${rule.longest}`;
  if (rule.single !== true && text.includes('\\')) return `contains the value separator \\`;
  if (hasControl(text, rule.lines === true)) return 'contains a control character';
  if (vr === 'DS') {
    return text === '' || isDecimalString(text) ? null : `is not a decimal string: ${text}`;
  }
  if (vr === 'IS' && Math.abs(Number(text)) > 2_147_483_648) return `is out of range: ${text}`;
  if (rule.form !== undefined && !rule.form.test(vr === 'UI' ? text : text.trim())) {
    return `does not have the form of ${vr}`;
  }
  if (vr === 'UI' && text.startsWith('2.25.') && BigInt(text.slice(5)) >= 1n << 128n) {
    return 'is a 2.25 UID of more than 128 bits';
  }
  return null;
}

function hasControl(text: string, lines: boolean): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x20 && code !== 0x7f) continue;
    if (lines && (code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d)) continue;
    return true;
  }
  return false;
}

/** Why a number is not a legal value of a binary VR, or null when it is. */
export function numberProblem(vr: string, value: number): string | null {
  const rule = NUMBER_RULES[vr];
  if (rule === undefined) return `${vr} does not hold numbers`;
  if (!Number.isFinite(value)) return `${value} is not finite`;
  if (value < rule.least || value > rule.greatest) return `${value} is out of the range of ${vr}`;
  if (vr !== 'FL' && vr !== 'FD' && !Number.isInteger(value)) return `${value} is not an integer`;
  return null;
}
