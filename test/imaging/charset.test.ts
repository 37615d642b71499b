import { describe, expect, it } from '@jest/globals';

import { charsetOf } from '../../src/imaging/charset.ts';

/** Bytes as PS3.5 Annexes H to K print them: `\x1b` escapes inside Latin-1 text. */
function decode(terms: readonly string[], text: string): string {
  return charsetOf(terms).decode(Buffer.from(text, 'latin1'));
}

describe('text by Specific Character Set', () => {
  it('decodes the examples of PS3.5 Annex H.3 with code extensions', () => {
    const kanji = '\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B';
    const hiragana = '\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B';
    expect(decode(['', 'ISO 2022 IR 87'], `Yamada^Tarou=${kanji}=${hiragana}`)).toBe(
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
    );
    expect(
      decode(
        ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
        `\xd4\xcf\xc0\xde^\xc0\xdb\xb3=${kanji.replaceAll('(B', '(J')}`,
      ),
    ).toBe('ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎');
  });

  it('decodes the example of PS3.5 Annex I.2 and of K.2 with an escape in every component', () => {
    expect(
      decode(['', 'ISO 2022 IR 149'], 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7'),
    ).toBe('Hong^Gildong=洪^吉洞');
    expect(
      decode(['', 'ISO 2022 IR 58'], 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab='),
    ).toBe('Zhang^XiaoDong=张^小东=');
  });

  it('returns to the first character set at every delimiter', () => {
    const terms = ['ISO 2022 IR 100', 'ISO 2022 IR 144'];
    for (const delimiter of ['^', '=', '\\', '\r', '\n', '\t', '\f']) {
      expect(decode(terms, `\x1b-L\xbb${delimiter}\xe9`)).toBe(`Л${delimiter}é`);
    }
  });

  it('does not split a two-byte character at its backslash byte', () => {
    expect(decode(['GB18030'], '\x81\x5c')).toBe('乗');
  });

  it('reads bytes above ASCII without a character set as UTF-8, else as Latin-1', () => {
    expect(charsetOf([]).decode(Buffer.from('Müßig', 'utf8'))).toBe('Müßig');
    expect(decode([], 'M\xfc\xdfig')).toBe('Müßig');
  });

  it('names defined terms that are unknown', () => {
    expect(charsetOf(['ISO_IR 100', 'ISO_IR 42']).unknown).toEqual(['ISO_IR 42']);
    expect(charsetOf(['', 'ISO 2022 IR 6', 'ISO_IR 192']).unknown).toEqual([]);
  });
});
