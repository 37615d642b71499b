import { dirname, resolve } from 'node:path';
import {
  nearest,
  NO_EARLIER_RESULT,
  type RuleSet,
  type SequenceDefinitions,
  type SeriesCondition,
  type StudyCondition,
} from '../contracts/index.ts';
import { type ConfigProblem, configError } from './problem.ts';
import { type Loaded, loadYaml } from './read-yaml.ts';
import { rulesSchema } from './rules-schema.ts';
import { secretsFrom } from './secrets.ts';
import { sequencesSchema } from './sequences-schema.ts';
import { type SitusConfig, situsSchema } from './situs-schema.ts';

/**
 * Reads `situs.yaml`: secrets replaced, defaults filled in, relative paths made absolute from the
 * file's folder. Throws `CONFIG_NOT_FOUND`, `CONFIG_SYNTAX` or `CONFIG_INVALID`.
 */
export async function loadSitusConfig(
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Loaded<SitusConfig>> {
  const loaded = await loadYaml<SitusConfig>(path, situsSchema, secretsFrom(path, environment));
  return { ...loaded, value: withAbsolutePaths(loaded.value, dirname(resolve(path))) };
}

/** The sequence of a series whose headers do not say what it is; no definition names it. */
const UNSURE = 'unknown';

/** What other files define, for names that a rule may use. */
export interface KnownNames {
  readonly sequences?: readonly string[];
  readonly archives?: readonly string[];
  readonly models?: readonly string[];
}

/** Reads `rules.yaml`; with `known`, names of sequences, archives and models are checked too. */
export async function loadRules(path: string, known: KnownNames = {}): Promise<Loaded<RuleSet>> {
  const loaded = await loadYaml<RuleSet>(path, rulesSchema);
  const problems = unknownNames(loaded.value, known, loaded.text);
  if (problems.length > 0) throw configError(path, problems);
  return loaded;
}

/** Reads `sequences.yaml`. */
export async function loadSequences(path: string): Promise<Loaded<SequenceDefinitions>> {
  return loadYaml<SequenceDefinitions>(path, sequencesSchema);
}

function withAbsolutePaths(config: SitusConfig, folder: string): SitusConfig {
  const absolute = (path: string): string => resolve(folder, path);
  const each = <Files extends Readonly<Record<string, string | undefined>>>(files: Files): Files =>
    Object.fromEntries(
      Object.entries(files).map(([key, path]) => [key, path === undefined ? path : absolute(path)]),
    ) as Files;
  const { database, api, segmentation } = config;
  const { kserve } = segmentation;
  return {
    ...config,
    archives: config.archives.map((one) =>
      one.tls === undefined ? one : { ...one, tls: each(one.tls) },
    ),
    database:
      database.embedded === undefined ? database : { embedded: absolute(database.embedded) },
    workFolder: absolute(config.workFolder),
    models: {
      ...config.models,
      folder: absolute(config.models.folder),
      downloads: absolute(config.models.downloads),
    },
    segmentation:
      kserve?.tls === undefined
        ? segmentation
        : { ...segmentation, kserve: { ...kserve, tls: each(kserve.tls) } },
    api: api.tls === undefined ? api : { ...api, tls: each(api.tls) },
    files: each(config.files),
  };
}

function unknownNames(rules: RuleSet, known: KnownNames, text: string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const check = (
    kind: string,
    name: string | undefined,
    names: readonly string[] | undefined,
    path: string,
  ): void => {
    if (name === undefined || names === undefined || names.includes(name)) return;
    const hint = nearest(name, names);
    const suggestion = hint === null ? `known are ${names.join(', ')}` : `did you mean "${hint}"?`;
    problems.push({
      code: 'CONFIG_VALUE',
      ...placeOfWord(text, name),
      path,
      message: `there is no ${kind} "${name}"; ${suggestion}`,
      nearest: hint,
    });
  };
  const sequences = known.sequences === undefined ? undefined : [...known.sequences, UNSURE];
  const earlier = known.models === undefined ? undefined : [...known.models, NO_EARLIER_RESULT];
  rules.rules.forEach((rule, index) => {
    check('archive', rule.store?.to, known.archives, `rules[${index}].store.to`);
    check('model', rule.segment?.model, known.models, `rules[${index}].segment.model`);
    for (const { field, written, path } of tests(rule.when, `rules[${index}].when`)) {
      const isSequence = field === 'sequence' || field === 'sequences';
      if (!isSequence && field !== 'earlier') continue;
      for (const name of plainNames(written)) {
        check(isSequence ? 'sequence' : 'model', name, isSequence ? sequences : earlier, path);
      }
    }
  });
  return problems.sort((a, b) => a.line - b.line);
}

interface WrittenTest {
  readonly field: string;
  readonly written: unknown;
  readonly path: string;
}

/** The tests of a condition and of all conditions within it. */
function tests(condition: SeriesCondition | StudyCondition, path: string): WrittenTest[] {
  const { any = [], all = [], not, ...rest } = condition;
  const inner = 'study' in rest ? rest.study : undefined;
  return [
    ...Object.entries(rest)
      .filter(([field]) => field !== 'study')
      .map(([field, written]) => ({ field, written, path: `${path}.${field}` })),
    ...(inner === undefined ? [] : tests(inner, `${path}.study`)),
    ...(not === undefined ? [] : tests(not, `${path}.not`)),
    ...any.flatMap((one, index) => tests(one, `${path}.any[${index}]`)),
    ...all.flatMap((one, index) => tests(one, `${path}.all[${index}]`)),
  ];
}

function plainNames(written: unknown): string[] {
  const list: unknown[] = Array.isArray(written) ? written : [written];
  return list.filter((one): one is string => typeof one === 'string' && /^[\w.-]+$/.test(one));
}

function placeOfWord(text: string, word: string): { line: number; column: number } {
  const lines = text.split('\n');
  const pattern = new RegExp(`(^|[^\\w-])${word.replace(/[^\w-]/g, '\\$&')}($|[^\\w-])`);
  const index = lines.findIndex((line) => pattern.test(line.replace(/#.*/, '')));
  return index < 0
    ? { line: 1, column: 1 }
    : { line: index + 1, column: (lines[index]?.indexOf(word) ?? 0) + 1 };
}
