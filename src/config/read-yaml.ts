import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isMap, isScalar, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, nearest, SitusError } from '../contracts/index.ts';
import { type ConfigProblem, configError, pathText } from './problem.ts';
import { keysAt } from './schema-walk.ts';

/** A configuration file that was read and checked. */
export interface Loaded<Value> {
  readonly value: Value;
  /** SHA-256 of the text, in hexadecimal. */
  readonly version: string;
  readonly text: string;
  readonly path: string;
}

type Path = readonly PropertyKey[];
/** Changes the plain document before it is checked (secrets); problems are reported with their place. */
export type Prepare = (plain: unknown, report: (path: Path, message: string) => void) => unknown;

const LARGEST_FILE = 2 * 1024 * 1024;
const MOST_ALIASES = 100;
const MOST_PROBLEMS = 50;

/**
 * Reads a YAML file and checks it by a schema. Throws `CONFIG_NOT_FOUND`, `CONFIG_SYNTAX` or
 * `CONFIG_INVALID` (class `usage`); the last two list every problem with line, column and path.
 */
export async function loadYaml<Value>(
  path: string,
  schema: z.ZodType<Value>,
  prepare: Prepare = (plain) => plain,
): Promise<Loaded<Value>> {
  const text = await readText(path);
  return { value: parseYaml(path, text, schema, prepare), version: versionOf(text), text, path };
}

export function versionOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The text of a file, of at most 2 MiB. Throws `CONFIG_NOT_FOUND`. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE) {
      throw unreadable(path, `it has ${size} bytes; at most ${LARGEST_FILE} are allowed`);
    }
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof SitusError) throw thrown;
    throw unreadable(path, messageOf(thrown), thrown);
  }
}

function unreadable(path: string, why: string, cause?: unknown): SitusError {
  return new SitusError({
    code: 'CONFIG_NOT_FOUND',
    message: `The configuration file ${path} cannot be read: ${why}.`,
    next: 'Name an existing file that the service may read.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { file: path },
    cause,
  });
}

/** Checks a text as `loadYaml` does; `path` is only named in messages. */
export function parseYaml<Value>(
  path: string,
  text: string,
  schema: z.ZodType<Value>,
  prepare: Prepare = (plain) => plain,
): Value {
  const places = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: places,
    prettyErrors: false,
    uniqueKeys: true,
  });
  if (document.errors.length > 0) {
    throw configError(
      path,
      document.errors.map((error) => ({
        code: 'CONFIG_SYNTAX',
        ...at(places, error.pos[0]),
        path: '',
        message: error.message,
        nearest: null,
      })),
    );
  }
  const problems: ConfigProblem[] = [];
  const plain = prepare(plainOf(path, document), (where, message) => {
    problems.push({
      code: 'CONFIG_SECRET',
      ...placeOf(document.contents, where, places),
      path: pathText(where),
      message,
      nearest: null,
    });
  });
  const result = schema.safeParse(plain);
  if (!result.success) {
    for (const issue of result.error.issues) {
      problems.push(...problemsOf(issue, [], schema, document.contents, places));
    }
  }
  if (problems.length > 0) throw configError(path, inOrder(problems).slice(0, MOST_PROBLEMS));
  if (!result.success) throw configError(path, []);
  return result.data;
}

function plainOf(path: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (thrown) {
    throw configError(path, [
      {
        code: 'CONFIG_SYNTAX',
        line: 1,
        column: 1,
        path: '',
        message: messageOf(thrown),
        nearest: null,
      },
    ]);
  }
}

function problemsOf(
  issue: z.core.$ZodIssue,
  above: Path,
  schema: z.ZodType,
  root: ParsedNode | null,
  places: LineCounter,
): ConfigProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, path, schema, root, places));
  }
  if (issue.code === 'invalid_union') {
    return closestBranch(issue).flatMap((one) => problemsOf(one, path, schema, root, places));
  }
  const hint = issue.code === 'invalid_value' ? meant(root, path, issue.values.map(String)) : null;
  const suggestion = hint === null ? '' : `; did you mean "${hint}"?`;
  return [
    {
      code: 'CONFIG_VALUE',
      ...placeOf(root, path, places),
      path: pathText(path),
      message: `${issue.message}${suggestion}`,
      nearest: hint ?? (issue.code === 'custom' ? nearestOf(issue.params) : null),
    },
  ];
}

/** A check of ours may name the word that was meant. */
function nearestOf(params: Readonly<Record<string, unknown>> | undefined): string | null {
  const hint = params?.['nearest'];
  return typeof hint === 'string' ? hint : null;
}

function unknownKey(
  key: string,
  path: Path,
  schema: z.ZodType,
  root: ParsedNode | null,
  places: LineCounter,
): ConfigProblem {
  const known = keysAt(schema, path);
  const hint = nearest(key, known);
  const suggestion =
    hint === null ? `known here are ${known.join(', ')}` : `did you mean "${hint}"?`;
  return {
    code: 'CONFIG_UNKNOWN_KEY',
    ...placeOf(root, [...path, key], places),
    path: pathText([...path, key]),
    message: `unknown key "${key}"; ${suggestion}`,
    nearest: hint,
  };
}

/** Of a union, the branch that got furthest: what was written is most like it. */
function closestBranch(
  issue: z.core.$ZodIssue & { code: 'invalid_union' },
): readonly z.core.$ZodIssue[] {
  const depth = (branch: readonly z.core.$ZodIssue[]): number =>
    Math.max(0, ...branch.map((one) => one.path.length + (one.code === 'invalid_type' ? 0 : 1)));
  const [closest] = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  if (closest !== undefined && depth(closest) > 0) return closest;
  return [{ code: 'custom', path: [], message: issue.message, input: issue.input }];
}

function meant(root: ParsedNode | null, path: Path, known: readonly string[]): string | null {
  const node = nodeAt(root, path);
  return isScalar(node) && typeof node.value === 'string' ? nearest(node.value, known) : null;
}

/** Line and column of the key or item at a path, or of the closest thing above it. */
function placeOf(
  root: ParsedNode | null,
  path: Path,
  places: LineCounter,
): { line: number; column: number } {
  for (let length = path.length; length > 0; length--) {
    const parent = nodeAt(root, path.slice(0, length - 1));
    const step = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair !== undefined && isScalar(pair.key) && pair.key.range)
        return at(places, pair.key.range[0]);
    }
    const node = nodeAt(root, path.slice(0, length));
    if (node?.range) return at(places, node.range[0]);
  }
  return at(places, root?.range[0] ?? 0);
}

function nodeAt(root: ParsedNode | null, path: Path): Node | null {
  let node: unknown = root;
  for (const step of path) {
    if (
      typeof node !== 'object' ||
      node === null ||
      !('get' in node) ||
      typeof node.get !== 'function'
    )
      return null;
    node = (node as { get: (key: unknown, keepScalar: boolean) => unknown }).get(step, true);
  }
  return (node as Node | null | undefined) ?? null;
}

function at(places: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = places.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}
