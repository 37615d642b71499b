/** Columns to print for: those of the terminal, else of COLUMNS; null where lines may be of any length. */
export function terminalWidth(
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): number | null {
  if (stream.isTTY === true && stream.columns !== undefined) return stream.columns;
  const columns = Number(environment['COLUMNS']);
  return Number.isInteger(columns) && columns > 0 ? columns : null;
}

/** Text that is longer than `width` ends in an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Words in lines of at most `width`, the first behind `first`, the others as far indented. */
export function wrap(first: string, text: string, width: number | null): string[] {
  if (width === null) return [`${first}${text}`];
  const room = Math.max(20, width - first.length);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => `${index === 0 ? first : ' '.repeat(first.length)}${line}`);
}

/** Widths for columns that want `wanted`, in `room` together: the widest give way first. */
export function shares(wanted: readonly number[], room: number | null): readonly number[] {
  const widths = [...wanted];
  const sum = (): number => widths.reduce((all, one) => all + one, 0);
  while (room !== null && sum() > room) {
    const widest = Math.max(...widths);
    if (widest <= 8) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
