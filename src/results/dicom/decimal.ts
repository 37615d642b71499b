import { fault } from '../../contracts/index.ts';

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const LONGEST = 16;

/** Whether a text is a Decimal String of at most 16 characters (PS3.5 6.2). */
export function isDecimalString(text: string): boolean {
  return text.length <= LONGEST && DECIMAL.test(text.trim());
}

/**
 * A finite number as Decimal String: the shortest text that reads back as the same number, else as
 * many digits as 16 characters hold (ten at the least with exponents of two digits, so within 1e-9).
 * @throws SitusError VALUE_NOT_FINITE (fault).
 */
export function decimal(value: number): string {
  if (!Number.isFinite(value)) {
    throw fault('VALUE_NOT_FINITE', `A Decimal String cannot hold ${value}.`, { value });
  }
  if (value === 0) return '0';
  const shortest = String(value);
  if (shortest.length <= LONGEST) return shortest;
  for (let digits = 15; digits > 1; digits -= 1) {
    const rounded = Number(value.toPrecision(digits));
    const plain = String(rounded);
    if (plain.length <= LONGEST) return plain;
    const exponent = rounded.toExponential();
    if (exponent.length <= LONGEST) return exponent;
  }
  return value.toExponential(1);
}

/** The source's own digits where they are a valid Decimal String, else the number they mean. */
export function sourceDecimal(text: string, what: string): string {
  const trimmed = text.trim();
  if (isDecimalString(trimmed)) return trimmed;
  const value = trimmed === '' ? Number.NaN : Number(trimmed);
  if (!Number.isFinite(value)) {
    throw fault('VALUE_NOT_FINITE', `${what} of the source is not a number.`, { what, text });
  }
  return decimal(value);
}
