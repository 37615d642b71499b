/**
 * Text of DICOM elements by Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1), including the code
 * extensions of ISO/IEC 2022 that dcmjs does not decode.
 */

/** Defined term without its `ISO_IR ` or `ISO 2022 IR ` prefix → label of the WHATWG encoding. */
const ENCODINGS: Readonly<Record<string, string>> = {
  '100': 'iso-8859-1',
  '101': 'iso-8859-2',
  '109': 'iso-8859-3',
  '110': 'iso-8859-4',
  '126': 'iso-8859-7',
  '127': 'iso-8859-6',
  '13': 'shift_jis',
  '138': 'iso-8859-8',
  '144': 'iso-8859-5',
  '148': 'iso-8859-9',
  '149': 'euc-kr',
  '166': 'windows-874',
  '192': 'utf-8',
  '203': 'iso-8859-15',
  '58': 'gbk',
  '87': 'euc-jp',
  '159': 'euc-jp',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** Character sets that text is read in, without the prefixes of their defined terms. */
export const CHARACTER_SETS_READ: readonly string[] = Object.keys(ENCODINGS);

interface CodeElement {
  readonly encoding: string;
  /** Two-byte sets in G0 are shifted into G1, where the EUC encodings have them. */
  readonly bytes: 1 | 2;
  /** JIS X 0212 is introduced by 0x8F in EUC-JP. */
  readonly prefix?: number;
}

const ASCII: CodeElement = { encoding: 'ascii', bytes: 1 };

/** Escape sequences without the leading ESC (PS3.3 Tables C.12-3 and C.12-4). */
const ESCAPES: Readonly<Record<string, { readonly half: 'G0' | 'G1'; readonly to: CodeElement }>> =
  {
    '(B': { half: 'G0', to: ASCII },
    '(J': { half: 'G0', to: ASCII },
    ')I': { half: 'G1', to: { encoding: 'shift_jis', bytes: 1 } },
    '-A': { half: 'G1', to: { encoding: 'iso-8859-1', bytes: 1 } },
    '-B': { half: 'G1', to: { encoding: 'iso-8859-2', bytes: 1 } },
    '-C': { half: 'G1', to: { encoding: 'iso-8859-3', bytes: 1 } },
    '-D': { half: 'G1', to: { encoding: 'iso-8859-4', bytes: 1 } },
    '-F': { half: 'G1', to: { encoding: 'iso-8859-7', bytes: 1 } },
    '-G': { half: 'G1', to: { encoding: 'iso-8859-6', bytes: 1 } },
    '-H': { half: 'G1', to: { encoding: 'iso-8859-8', bytes: 1 } },
    '-L': { half: 'G1', to: { encoding: 'iso-8859-5', bytes: 1 } },
    '-M': { half: 'G1', to: { encoding: 'iso-8859-9', bytes: 1 } },
    '-T': { half: 'G1', to: { encoding: 'windows-874', bytes: 1 } },
    '-b': { half: 'G1', to: { encoding: 'iso-8859-15', bytes: 1 } },
    $B: { half: 'G0', to: { encoding: 'euc-jp', bytes: 2 } },
    '$(D': { half: 'G0', to: { encoding: 'euc-jp', bytes: 2, prefix: 0x8f } },
    '$)A': { half: 'G1', to: { encoding: 'gbk', bytes: 2 } },
    '$)C': { half: 'G1', to: { encoding: 'euc-kr', bytes: 2 } },
  };

/** JIS X 0208 and JIS X 0212 have no bytes of their own above 0x7F. */
const G0_ONLY = new Set(['87', '159']);
const ESC = 0x1b;
/** Line ends, tabs and the delimiters of values and name parts: the initial state returns after them. */
const RESETS = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x5c, 0x5e, 0x3d]);

/** Turns the bytes of a text element into a string. */
export type TextDecode = (bytes: Uint8Array) => string;

export interface Charset {
  readonly decode: TextDecode;
  /** Defined terms that are not known; text with them is read as UTF-8 or, failing that, Latin-1. */
  readonly unknown: readonly string[];
}

/** The decoder for the values of Specific Character Set; without values the default repertoire. */
export function charsetOf(terms: readonly string[]): Charset {
  const codes = terms.map(codeOf);
  const known = codes.filter((code) => code in ENCODINGS);
  const unknown = terms.filter((term, i) => !isDefault(term) && !((codes[i] ?? '') in ENCODINGS));
  const first = codes[0] ?? '';
  const initial = ENCODINGS[first] ?? (known.length === 1 ? ENCODINGS[known[0] ?? ''] : undefined);
  const extended = terms.some((term) => /^ISO[ _]?2022/i.test(term)) || terms.length > 1;
  if (!extended || initial === 'utf-8' || first.startsWith('GB')) {
    return { decode: initial === undefined ? decodeGuessed : singleDecoder(initial), unknown };
  }
  // Some writers leave the escape sequence out; then the only set with characters in G1 is meant.
  const g1 =
    ENCODINGS[first] ??
    ENCODINGS[codes.find((code) => code in ENCODINGS && !G0_ONLY.has(code)) ?? ''];
  return { decode: (bytes) => decodeExtended(bytes, g1), unknown };
}

function codeOf(term: string): string {
  return term
    .trim()
    .toUpperCase()
    .replace(/^ISO[ _]?(2022[ _]?)?IR[ _]?/, '');
}

function isDefault(term: string): boolean {
  return ['', '6'].includes(codeOf(term));
}

function singleDecoder(encoding: string): TextDecode {
  const decoder = new TextDecoder(encoding);
  return (bytes) => (isAscii(bytes) ? latin1(bytes) : decoder.decode(bytes));
}

/** For data that does not say its character set, or lies about it by saying none. */
function decodeGuessed(bytes: Uint8Array): string {
  if (isAscii(bytes)) return latin1(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return latin1(bytes);
  }
}

function decodeExtended(bytes: Uint8Array, initialG1: string | undefined): string {
  const start: CodeElement = { encoding: initialG1 ?? 'iso-8859-1', bytes: 1 };
  let g0 = ASCII;
  let g1 = start;
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const byte = bytes[i] ?? 0;
    if (byte === ESC) {
      const escape = escapeAt(bytes, i + 1);
      if (escape === null) {
        i++;
        continue;
      }
      if (escape.half === 'G0') g0 = escape.to;
      else g1 = escape.to;
      i += 1 + escape.length;
      continue;
    }
    if (RESETS.has(byte) && g0.bytes === 1) {
      text += String.fromCharCode(byte);
      g0 = ASCII;
      g1 = start;
      i++;
      continue;
    }
    const element = byte < 0x80 ? g0 : g1;
    const width = element.encoding === 'euc-kr' || element.encoding === 'gbk' ? 2 : element.bytes;
    text += decodeCharacter(bytes.subarray(i, i + width), element);
    i += width;
  }
  return text;
}

function escapeAt(bytes: Uint8Array, at: number) {
  for (const length of [3, 2]) {
    const sequence = latin1(bytes.subarray(at, at + length));
    const escape = ESCAPES[sequence];
    if (escape !== undefined) return { ...escape, length };
  }
  return null;
}

const DECODERS = new Map<string, TextDecoder>();

function decodeCharacter(bytes: Uint8Array, element: CodeElement): string {
  if (element === ASCII) return latin1(bytes);
  let decoder = DECODERS.get(element.encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(element.encoding);
    DECODERS.set(element.encoding, decoder);
  }
  const upper = element.bytes === 2 ? bytes.map((byte) => byte | 0x80) : bytes;
  return decoder.decode(
    element.prefix === undefined ? upper : Uint8Array.of(element.prefix, ...upper),
  );
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80 && byte !== ESC);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
