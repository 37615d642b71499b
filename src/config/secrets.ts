import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../contracts/index.ts';
import type { Prepare } from './read-yaml.ts';

const REFERENCE = /^\$\{(env|file):([^}]+)\}$/;
const MENTION = /\$\{/;
const MOST_LEVELS = 20;

/**
 * Replaces values that are exactly `${env:NAME}` or `${file:PATH}` by what they refer to; relative
 * paths start at the folder of the configuration file, and one line break at a file's end is cut.
 * Whatever is found never appears in a message.
 */
export function secretsFrom(
  configPath: string,
  environment: Readonly<Record<string, string | undefined>>,
): Prepare {
  const folder = dirname(resolve(configPath));
  return (plain, report) => {
    const walk = (value: unknown, path: readonly PropertyKey[]): unknown => {
      if (path.length > MOST_LEVELS) return value;
      if (typeof value === 'string')
        return replaced(value, folder, environment, (why) => report(path, why));
      if (Array.isArray(value))
        return value.map((item: unknown, index) => walk(item, [...path, index]));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
      );
    };
    return walk(plain, []);
  };
}

function replaced(
  value: string,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  report: (why: string) => void,
): string {
  if (!MENTION.test(value)) return value;
  const reference = REFERENCE.exec(value);
  if (reference === null) {
    report(
      'a secret is the whole value, written ${env:NAME} or ${file:PATH}; nothing else is replaced',
    );
    return value;
  }
  const [, kind, name = ''] = reference;
  if (kind === 'env') {
    const found = environment[name];
    if (found === undefined || found === '') report(`the environment variable ${name} is not set`);
    return found ?? '';
  }
  try {
    return readFileSync(resolve(folder, name), 'utf8').replace(/\r?\n$/, '');
  } catch (thrown) {
    report(`the file ${name} cannot be read: ${messageOf(thrown)}`);
    return '';
  }
}
