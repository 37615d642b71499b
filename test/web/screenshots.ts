/**
 * Remakes docs/images/studies.png and docs/images/study.png from a made-up morning of a clinic, and
 * with --out DIR also every page in light and dark, wide and narrow:
 *
 *   node test/web/screenshots.ts [--out DIR]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { startTestApi, type ApiUnderTest } from '../api/api-under-test.ts';
import { PostgresService } from '../support/postgres-service.ts';
import { fillScene, spreadTimes, type Scene } from '../support/records-scene.ts';
import { builtPage, launch, signIn } from './page-under-test.ts';

const IMAGES = fileURLToPath(new URL('../../docs/images', import.meta.url));
const WIDE = { width: 1280, height: 720 };
const NARROW = { width: 420, height: 900 };

const { values } = parseArgs({ options: { out: { type: 'string' } } });
await mkdir(IMAGES, { recursive: true });
const postgres = new PostgresService();
await postgres.listen();
const browser = await launch();
if (browser === null) throw new Error('There is no chromium on the PATH.');
const api = await startTestApi({ webFolder: builtPage() });
try {
  const scene = await fillScene(api.records, 'phantom');
  await spreadTimes(api.databaseUrl);
  api.health.report('archive main', 'ok', 'answers');
  api.health.report('database', 'ok', 'connected');
  await pictures(browser, api, scene);
} finally {
  await api.stop();
  await browser.close();
  await postgres.close();
}

async function pictures(browser: Browser, api: ApiUnderTest, scene: Scene): Promise<void> {
  const light = await signedIn(browser, api, { viewport: WIDE, colorScheme: 'light' });
  await keep('studies.png', await light.screenshot());
  await openStudy(light, api, scene.stored);
  const picture = await light.getByRole('img').first().boundingBox();
  const height = Math.ceil((picture?.y ?? 0) + (picture?.height ?? WIDE.height)) + 12;
  const clip = { x: 0, y: 0, width: WIDE.width, height };
  await keep('study.png', await light.screenshot({ clip, fullPage: true }));
  if (values.out === undefined) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
      const page = await signedIn(browser, api, { viewport, colorScheme });
      const shot = (name: string) =>
        page.screenshot({
          path: join(values.out ?? '', `${name}-${colorScheme}-${size}.png`),
          fullPage: true,
        });
      await shot('studies');
      for (const name of ['stored', 'held', 'failed', 'running'] as const) {
        await openStudy(page, api, scene[name]);
        await shot(name);
      }
    }
  }
}

/** Written again with 32 shades a colour and better compression, less than half the size. */
async function keep(name: string, picture: Buffer): Promise<void> {
  const png = PNG.sync.read(picture);
  for (let at = 0; at < png.data.length; at += 1) {
    const value = png.data[at] ?? 0;
    png.data[at] = (value & 0xf8) | (value >> 5);
  }
  const small = { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 } as const;
  await writeFile(join(IMAGES, name), PNG.sync.write(png, small));
}

async function signedIn(
  browser: Browser,
  api: ApiUnderTest,
  options: BrowserContextOptions,
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await signIn(page, api, 'anna', 'radiologist');
  await page.getByRole('row').nth(1).waitFor();
  return page;
}

/** Opens a study with the evidence of its first taken series unfolded, and waits for its picture. */
async function openStudy(page: Page, api: ApiUnderTest, uid: string): Promise<void> {
  await page.goto(`${api.url}/studies/${uid}`);
  await page.getByRole('button', { name: /^Evidence for (t1|t2|Abdomen)/ }).first().click(); // prettier-ignore
  for (const picture of await page.getByRole('img').all()) {
    await picture.scrollIntoViewIfNeeded();
    await picture.evaluate((image) => (image as HTMLImageElement).decode());
  }
  await page.evaluate(() => window.scrollTo(0, 0));
}
