import { SitusError } from '../contracts/index.ts';

/** One thing that is wrong in a configuration file; lines and columns count from 1. */
export interface ConfigProblem {
  readonly code: 'CONFIG_SYNTAX' | 'CONFIG_UNKNOWN_KEY' | 'CONFIG_VALUE' | 'CONFIG_SECRET';
  readonly line: number;
  readonly column: number;
  /** Where in the document, e.g. `rules[0].when.modality`. */
  readonly path: string;
  readonly message: string;
  /** The known word that was probably meant. */
  readonly nearest: string | null;
}

/** All problems of one file at once: `file:line:column path: what`. */
export function configError(file: string, problems: readonly ConfigProblem[]): SitusError {
  const lines = problems.map(
    (problem) =>
      `${file}:${problem.line}:${problem.column} ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`,
  );
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new SitusError({
    code: problems.some((problem) => problem.code === 'CONFIG_SYNTAX')
      ? 'CONFIG_SYNTAX'
      : 'CONFIG_INVALID',
    message: `The configuration file ${file} has ${count}:\n${lines.join('\n')}`,
    next: 'Correct the lines named; the keys and their meaning are explained in the comments of the shipped file.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { file, problems },
  });
}

export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? String(step) : `.${String(step)}`,
    )
    .join('');
}
