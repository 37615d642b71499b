import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Package {
  readonly version: string;
}

/** Version of Situs, as results and the record name it. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Package
).version;

const BUILT_PAGE = fileURLToPath(new URL('./web/dist', import.meta.url));

/** The built page; null when it was not built, then the API is served alone. */
export const WEB_FOLDER = existsSync(BUILT_PAGE) ? BUILT_PAGE : null;
