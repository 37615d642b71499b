import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The folder for state (XDG Base Directory Specification: `$XDG_DATA_HOME/situs`, else
 * `~/.local/share/situs`); `--data DIR` of the command line wins.
 */
export function dataFolder(given?: string): string {
  if (given !== undefined) return resolve(given);
  const base = process.env['XDG_DATA_HOME'];
  const root = base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'share');
  return join(root, 'situs');
}
