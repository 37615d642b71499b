import { structuredPatch } from 'diff';

const CONTEXT = 3;

/** Lines of a unified difference, and how many were added and removed. */
export interface VersionDiff {
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly string[];
}

/** What a text changes of the one before; null before the first. */
export function versionDiff(before: string | null, after: string): VersionDiff {
  const { hunks } = structuredPatch('before', 'after', before ?? '', after, '', '', {
    context: CONTEXT,
  });
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...changed,
  ]);
  const starting = (sign: string): number =>
    hunks.reduce((sum, one) => sum + one.lines.filter((line) => line.startsWith(sign)).length, 0);
  return { added: starting('+'), removed: starting('-'), lines };
}
