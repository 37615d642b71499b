const MOST_EDITS = 3;

/** The known word that is closest to what was written; null when none is close enough to be meant. */
export function nearest(written: string, known: readonly string[]): string | null {
  const limit = Math.min(MOST_EDITS, Math.max(1, Math.floor(written.length / 2)));
  let best: { word: string; edits: number } | null = null;
  for (const word of known) {
    const edits = distance(written.toLowerCase(), word.toLowerCase());
    if (edits <= limit && (best === null || edits < best.edits)) best = { word, edits };
  }
  return best?.word ?? known.find((word) => begins(word, written)) ?? null;
}

function begins(word: string, written: string): boolean {
  const [short, long] = [word.toLowerCase(), written.toLowerCase()].sort(
    (a, b) => a.length - b.length,
  );
  return short !== undefined && long !== undefined && short.length >= 3 && long.startsWith(short);
}

/** Edits that turn one word into the other: insert, delete, replace, swap neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let edits = Math.min(
        (current[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
