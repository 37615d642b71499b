const TEXT_LENGTH = 256;
const STROKED: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
};

/** A description prepared for word lists: made once per text, asked many times. */
export interface PreparedText {
  /** Lower case without accents; `_` is a space. Patterns meet this form. */
  readonly plain: string;
  /** Words in order, as written. */
  readonly words: readonly string[];
  /** Words with `InPhase` taken apart to `in phase`, `CAPRoutine` to `cap routine`, `T2AX` to `t2 ax`. */
  readonly split: readonly string[];
}

/** Prepares a free text of untrusted length: it is cut to 256 characters. */
export function prepareText(text: string): PreparedText {
  const latin = withoutAccents(text.slice(0, TEXT_LENGTH)).replace(/_/g, ' ');
  const plain = latin.toLowerCase().replace(/\s+/g, ' ').trim();
  const apart = latin
    .replace(/(\p{Ll})(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll}{2})/gu, '$1$3 $2$4')
    .toLowerCase();
  return {
    plain,
    words: wordsOf(plain),
    split: wordsOf(apart.replace(/(?<![\p{L}\p{N}])(t[12])(?=\p{L})/gu, '$1 ')),
  };
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 0);
}

function withoutAccents(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[łŁßøØđæœı]/g, (letter) => STROKED[letter] ?? letter);
}
