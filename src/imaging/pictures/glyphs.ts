/** Width and height of a character without the gaps around it, in pixels. */
export const GLYPH = { width: 5, height: 7, advance: 6, line: 10 } as const;

/** Columns of five-by-seven dots, two hexadecimal digits each; the lowest bit is the topmost dot. */
const COLUMNS: ReadonlyMap<string, string> = new Map(
  `( 001c224100 ) 0041221c00 + 08083e0808 , 0050300000 - 0808080808 . 0060600000 / 2010080402
   : 0036360000 ? 0201510906 0 3e5149453e 1 00427f4000 2 4261514946 3 2141454b31 4 1814127f10
   5 2745454539 6 3c4a494930 7 0171090503 8 3649494936 9 064949291e A 7e1111117e B 7f49494936
   C 3e41414122 D 7f4141221c E 7f49494941 F 7f09090901 G 3e4149497a H 7f0808087f I 00417f4100
   J 2040413f01 K 7f08142241 L 7f40404040 M 7f020c027f N 7f0408107f O 3e4141413e P 7f09090906
   Q 3e4151215e R 7f09192946 S 4649494931 T 01017f0101 U 3f4040403f V 1f2040201f W 3f4038403f
   X 6314081463 Y 0708700807 Z 6151494543`
    .trim()
    .split(/\s+/)
    .reduce<[string, string][]>((pairs, word, index, words) => {
      if (index % 2 === 1) pairs.push([words[index - 1] ?? '', word]);
      return pairs;
    }, []),
);
const UNKNOWN = COLUMNS.get('?') ?? '';

/**
 * The dots of a character as [column, row], from the top left. Small letters look like capitals,
 * underscores like spaces, and what is not known like a question mark.
 */
export function dotsOf(character: string): readonly (readonly [number, number])[] {
  if (character === ' ' || character === '_') return [];
  const columns = COLUMNS.get(character.toUpperCase()) ?? UNKNOWN;
  const dots: [number, number][] = [];
  for (let column = 0; column < GLYPH.width; column += 1) {
    const bits = Number.parseInt(columns.slice(2 * column, 2 * column + 2), 16);
    for (let row = 0; row < GLYPH.height; row += 1) {
      if (((bits >> row) & 1) === 1) dots.push([column, row]);
    }
  }
  return dots;
}
