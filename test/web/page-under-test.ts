import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { ApiUnderTest } from '../api/api-under-test.ts';
import { SERVICE } from '../records/fixtures.ts';
import type { Role } from '../../src/records/index.ts';

const WEB = fileURLToPath(new URL('../../src/web', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser of this machine, or null. */
export function systemBrowser(): string | null {
  const folders = (process.env['PATH'] ?? '').split(':');
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

export async function launch(): Promise<Browser | null> {
  const executablePath = systemBrowser();
  if (executablePath === null) return null;
  // The sandbox of Chromium needs rights that containers lack; it sees nothing but our own page.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** Folder of the built page; builds it when it is missing. */
export function builtPage(): string {
  const folder = join(WEB, 'dist');
  if (existsSync(join(folder, 'index.html'))) return folder;
  const vite = dirname(createRequire(import.meta.url).resolve('vite/package.json'));
  const build = spawnSync(process.execPath, [join(vite, 'bin/vite.js'), 'build', WEB]);
  if (build.status !== 0) throw new Error(`vite build failed: ${build.stderr.toString()}`);
  return folder;
}

/** Signs in as people do: by opening a one-time link and pressing the button. */
export async function signIn(page: Page, api: ApiUnderTest, name: string, role: Role) {
  const { users } = api.records;
  const known = (await users.users()).some((user) => user.name === name);
  if (!known) await users.createUser(SERVICE, name, role);
  const { token } = await users.createSignInLink(SERVICE, name, 600);
  await page.goto(`${api.url}/sign-in?token=${token}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Studies' }).waitFor();
}
