/**
 * Regular expressions that come from configuration files and meet untrusted text. Only a subset is
 * allowed whose worst case is bounded before the expression is ever run: no look-around, no
 * back-references, no repeated groups, and few enough repetitions that the number of ways to match
 * a text of `PATTERN_TEXT_LENGTH` characters stays small.
 */
export interface SafePattern {
  readonly source: string;
  readonly flags: '' | 'i';
}

/** Texts are cut to this many characters before a pattern meets them. */
export const PATTERN_TEXT_LENGTH = 256;
const PATTERN_LENGTH = 200;
/** Upper bound of the backtracking paths over one text. */
const MOST_PATHS = 2 ** 26;

/** True for a string written as `/…/` or `/…/i`. */
export function looksLikePattern(text: string): boolean {
  return text.length > 1 && text.startsWith('/') && /\/[a-z]*$/.test(text.slice(1));
}

/** Parses `/…/` or `/…/i`; the problem is a plain sentence when the pattern is not allowed. */
export function parsePattern(text: string): SafePattern | { readonly problem: string } {
  const end = text.lastIndexOf('/');
  if (!text.startsWith('/') || end < 1) {
    return { problem: 'a pattern is written between slashes, e.g. /liver|leber/i' };
  }
  const source = text.slice(1, end);
  const flags = text.slice(end + 1);
  if (flags !== '' && flags !== 'i') {
    return { problem: `the only flag a pattern may have is i, not "${flags}"` };
  }
  if (source.length === 0) return { problem: 'the pattern is empty' };
  if (source.length > PATTERN_LENGTH) {
    return {
      problem: `the pattern has ${source.length} characters; ${PATTERN_LENGTH} are allowed`,
    };
  }
  try {
    new RegExp(source, flags);
  } catch {
    return { problem: 'the pattern is not a valid regular expression' };
  }
  const reader = new PatternReader(source);
  const paths = reader.alternatives() * PATTERN_TEXT_LENGTH;
  if (reader.problem !== null) return { problem: reader.problem };
  if (paths > MOST_PATHS) {
    return {
      problem:
        'the pattern could take too long: use fewer repetitions (*, +, {n,m}) and optional parts',
    };
  }
  return { source, flags };
}

/** Compiles a pattern that `parsePattern` accepted. */
export function compilePattern(pattern: SafePattern): RegExp {
  return new RegExp(pattern.source, pattern.flags);
}

/** Recursive descent over a valid expression that counts the ways it can match one text. */
class PatternReader {
  problem: string | null = null;
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Ways of `a|b|…` up to a closing parenthesis or the end. */
  alternatives(): number {
    let total = this.branch();
    while (this.source[this.at] === '|') {
      this.at++;
      total += this.branch();
    }
    return total;
  }

  private branch(): number {
    let product = 1;
    while (this.at < this.source.length && !'|)'.includes(this.source.charAt(this.at))) {
      const group = this.source[this.at] === '(';
      const ways = this.atom();
      product *= this.repeated(ways, group);
    }
    return product;
  }

  private atom(): number {
    const character = this.source[this.at++];
    if (character === '(') return this.group();
    if (character === '[') this.characterClass();
    if (character === '\\') this.escape();
    return 1;
  }

  private group(): number {
    if (this.source[this.at] === '?') {
      if (this.source[this.at + 1] !== ':') {
        this.problem ??= 'look-around and named groups are not allowed in a pattern';
      }
      this.at += 2;
    }
    const ways = this.alternatives();
    this.at++;
    return ways;
  }

  private characterClass(): void {
    while (this.at < this.source.length && this.source[this.at] !== ']') {
      this.at += this.source[this.at] === '\\' ? 2 : 1;
    }
    this.at++;
  }

  private escape(): void {
    const escaped = this.source.charAt(this.at++);
    if (/[1-9k]/.test(escaped)) {
      this.problem ??= 'back-references are not allowed in a pattern';
    }
  }

  private repeated(ways: number, group: boolean): number {
    const counted = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.source.slice(this.at));
    if (counted === null) return ways;
    this.at += counted[0].length;
    if (counted[0].startsWith('?')) return ways + 1;
    if (group) {
      this.problem ??= 'a group may not be repeated in a pattern; only ? may follow it';
      return ways;
    }
    const [, from, comma, to] = counted;
    if (from === undefined) return PATTERN_TEXT_LENGTH;
    if (comma === '') return 1;
    const most = to === undefined || to === '' ? PATTERN_TEXT_LENGTH : Number(to);
    return Math.max(1, most - Number(from) + 1);
  }
}
