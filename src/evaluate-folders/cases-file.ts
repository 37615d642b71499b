import { readFile } from 'node:fs/promises';
import { messageOf, usage, type SitusError } from '../contracts/index.ts';

export interface CaseRow {
  readonly scanType: string | undefined;
  readonly group: string | undefined;
}

/**
 * Reads the table of cases: CSV with a header, columns `case` and, as wished, `scan_type` and `group`;
 * other columns are left alone.
 * @throws SitusError CASES_FILE_UNREADABLE, CASES_FILE_INVALID (usage) naming the line.
 */
export async function readCasesFile(path: string): Promise<ReadonlyMap<string, CaseRow>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid('CASES_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}.`, cause);
  }
  return parseCases(path, text);
}

/** Checks a text as `readCasesFile` does; `path` is only named in messages. */
export function parseCases(path: string, text: string): ReadonlyMap<string, CaseRow> {
  const [header, ...rows] = rowsOf(text.replace(/^\uFEFF/, ''));
  const names = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const place = names.indexOf('case');
  if (place < 0) throw invalid('CASES_FILE_INVALID', `${path}:1 has no column "case".`);
  const cases = new Map<string, CaseRow>();
  for (const { cells, line } of rows) {
    const at = (name: string): string | undefined => {
      const cell = cells[names.indexOf(name)]?.trim();
      return cell === '' ? undefined : cell;
    };
    const name = at('case');
    if (cells.length !== names.length || name === undefined) {
      throw invalid(
        'CASES_FILE_INVALID',
        `${path}:${line} has ${cells.length} cells under ${names.length} columns, or no case.`,
      );
    }
    if (cases.has(name)) {
      throw invalid('CASES_FILE_INVALID', `${path}:${line} names the case "${name}" again.`);
    }
    cases.set(name, { scanType: at('scan_type'), group: at('group') });
  }
  return cases;
}

interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** RFC 4180 with commas or, where the first line has more of them, semicolons; empty lines left out. */
function rowsOf(text: string): Row[] {
  const [first = ''] = text.split('\n', 1);
  const comma = first.split(';').length > first.split(',').length ? ';' : ',';
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let startLine = 1;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') rows.push({ cells, line: startLine });
    cells = [];
    cell = '';
    startLine = line + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === comma) {
      cells.push(cell);
      cell = '';
    } else if (letter === '\n') endRow();
    else if (letter !== '\r') cell += letter;
    if (letter === '\n') line += 1;
  }
  endRow();
  return rows;
}

function invalid(code: string, message: string, cause?: unknown): SitusError {
  return usage(
    code,
    message,
    'Give a CSV file with the header case,scan_type,group and a line a case.',
    {},
    cause,
  );
}
