import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startTestApi, type ApiUnderTest } from '../api/api-under-test.ts';
import { decided, SERVICE, storeJob } from '../records/fixtures.ts';
import { fillScene, PATIENT, type Scene } from '../support/records-scene.ts';
import { builtPage, launch, signIn, systemBrowser } from './page-under-test.ts';

const SLOW = 180_000;
const withBrowser = systemBrowser() === null ? describe.skip : describe;
if (systemBrowser() === null) console.log('test/web skipped: there is no chromium on the PATH');

withBrowser('the page', () => {
  let api: ApiUnderTest;
  let scene: Scene;
  let browser: Browser;

  beforeAll(async () => {
    const launched = await launch();
    if (launched === null) throw new Error('the browser has gone');
    browser = launched;
    api = await startTestApi({ webFolder: builtPage() });
    scene = await fillScene(api.records);
    await api.records.users.createUser(SERVICE, 'rosa', 'radiologist');
    await api.records.users.setPassword(SERVICE, 'rosa', 'four words are easier');
  }, SLOW);
  afterAll(async () => {
    await browser.close();
    await api.stop();
  });

  /** A browser of its own, whose complaints are collected. */
  async function open(options: BrowserContextOptions = {}): Promise<{
    page: Page;
    complaints: string[];
  }> {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(60_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  }

  const study = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

  it(
    'leads from a one-time link to the table, to a study and all there is to know of it',
    async () => {
      const { page, complaints } = await open();
      await signIn(page, api, 'anna', 'admin');
      await study(page, 'MR Abdomen nativ').waitFor();
      expect(await page.getByRole('row').count()).toBe(1 + 8);

      await page.getByRole('button', { name: /^Held/ }).click();
      await study(page, 'MR Abdomen nativ').waitFor({ state: 'detached' });
      expect(page.url()).toContain('outcome=held');
      expect(await page.getByRole('row').count()).toBe(1 + 1);
      await page.getByRole('button', { name: /^All/ }).click();
      await page.getByLabel('Sequence').selectOption('dwi');
      await study(page, 'MR Knie links').waitFor({ state: 'detached' });
      await page.getByLabel('Search').fill('nativ');

      await study(page, 'MR Abdomen nativ').click();
      await page.getByText('Przykładowa, Zofia').waitFor();
      await page.getByRole('button', { name: 'Evidence for t1_fl2d_opp-in_tra_p2_bh' }).click();
      await page.getByText('water and fat do not oppose each other').waitFor();
      const job = page.getByRole('region', { name: /^T1 in-phase/ });
      for (const text of ['fetch', 'verify']) await job.getByText(text, { exact: true }).waitFor();
      for (const text of ['SEG', 'SR']) {
        await job.getByRole('cell', { name: text, exact: true }).waitFor();
      }
      const liver = job.getByRole('row', { name: /^liver / });
      expect(await liver.textContent()).toMatch(/\d{3,4}\.\d/);
      const picture = job.getByRole('img');
      await picture.scrollIntoViewIfNeeded();
      await picture.evaluate((image) => (image as HTMLImageElement).decode());

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Password').waitFor();
      await page.goto(`${api.url}/studies/${scene.stored}`);
      await page.getByLabel('Password').waitFor();
      // What a browser says of the 401 of a page that asks who is signed in.
      const answered = complaints.filter((text) => !text.includes('401'));
      expect(answered).toEqual([]);
    },
    SLOW,
  );

  it(
    'shows the card of the model that a job ran with, and gives the focus back',
    async () => {
      const { page, complaints } = await open();
      await signIn(page, api, 'rita', 'radiologist');
      await page.goto(`${api.url}/studies/${scene.stored}`);
      const job = page.getByRole('region', { name: /^T1 in-phase/ });
      await job.getByText('not for patients').waitFor();
      const about = job.getByRole('button', { name: 'About this model' });
      await about.focus();
      await page.keyboard.press('Enter');
      const card = page.getByRole('dialog', { name: 'Model card of demo 0.1.0' });
      const kidney = card.getByRole('row', { name: /^right kidney / });
      expect(await kidney.textContent()).toContain('0.83');
      for (const text of ['Apache-2.0', 'Coarse (6 mm)', 'T1 in-phase, HASTE, CT abdomen']) {
        await card.getByText(text).first().waitFor();
      }
      await card.getByText('Files and hashes').click();
      await card.getByRole('cell', { name: 'd'.repeat(64) }).waitFor();
      expect(await page.evaluate(unlabelled)).toEqual([]);
      await page.keyboard.press('Escape');
      await card.waitFor({ state: 'hidden' });
      expect(await about.evaluate((one) => one === document.activeElement)).toBe(true);
      await about.click();
      await card.getByRole('button', { name: 'Close' }).click();
      await card.waitFor({ state: 'hidden' });
      expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    },
    SLOW,
  );

  it(
    'signs in with name and password, by keyboard alone, and goes where one wanted to',
    async () => {
      const { page } = await open();
      await page.goto(`${api.url}/studies/${scene.failed}`);
      await page.getByLabel('Name').waitFor();
      await page.keyboard.type('rosa');
      await page.keyboard.press('Tab');
      await page.keyboard.type('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('WRONG_CREDENTIALS').waitFor();
      await page.getByLabel('Password').fill('four words are easier');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'MR Leber Primovist' }).waitFor();
      await page.getByText('MODEL_DAMAGED').first().waitFor();
      const evidence = page.getByRole('button', { name: 'Evidence for localizer' });
      for (let tabs = 0; tabs < 30; tabs += 1) {
        await page.keyboard.press('Tab');
        if (await evidence.evaluate((one) => one === document.activeElement)) break;
      }
      await page.keyboard.press('Enter');
      await page.getByText('Rules, from the first').waitFor();
      expect(await evidence.getAttribute('aria-expanded')).toBe('true');
    },
    SLOW,
  );

  it(
    'shows what the archive warned of when it stored a result',
    async () => {
      const decision = await decided(api.records);
      const warning = 'stored without some of its elements (warning reason 45062)';
      await storeJob(api.records, decision.jobs[0]?.id ?? '', warning);
      const { page } = await open();
      await signIn(page, api, 'otto', 'auditor');
      await page.goto(`${api.url}/studies/${decision.study.studyInstanceUid}`);
      await page.getByText(`The archive warned: ${warning}`).waitFor();
      const [seg, sr] = await page.locator('table.results tbody tr').allTextContents();
      expect(seg).toContain('equal');
      expect(sr).toContain('equal');
      expect(sr).not.toContain('warned');
    },
    SLOW,
  );

  it(
    'hides the patient from an auditor, and records one look a visit of others',
    async () => {
      const looks = async () =>
        (await api.records.audit.page({ entity: 'study', entityId: scene.running })).filter(
          ({ action }) => action === 'patient.viewed',
        ).length;
      const auditor = (await open()).page;
      await signIn(auditor, api, 'otto', 'auditor');
      await auditor.goto(`${api.url}/studies/${scene.running}`);
      await auditor.getByText('hidden for your role').waitFor();
      expect(await auditor.content()).not.toContain(PATIENT.id);
      expect(await looks()).toBe(0);
      const { page } = await open();
      await signIn(page, api, 'rita', 'radiologist');
      const answers = { study: 0 };
      page.on('response', (response) => {
        if (new URL(response.url()).pathname.endsWith(scene.running)) answers.study += 1;
      });
      await page.goto(`${api.url}/studies/${scene.running}`);
      await page.getByText(PATIENT.id).waitFor();
      // The page of a running study refreshes itself; that is no new look.
      while (answers.study < 4) await page.waitForEvent('response');
      expect(await looks()).toBe(1);
    },
    SLOW,
  );

  it(
    'runs a study again for an administrator who says so twice, and for nobody else',
    async () => {
      const { page } = await open();
      await signIn(page, api, 'rita', 'radiologist');
      await page.goto(`${api.url}/studies/${scene.failed}`);
      await page.getByText('MODEL_DAMAGED').first().waitFor();
      expect(await page.getByRole('button', { name: 'Run again' }).count()).toBe(0);
      await signIn(page, api, 'anna', 'admin');
      await page.goto(`${api.url}/studies/${scene.failed}`);
      await page.getByRole('button', { name: 'Run again' }).click();
      await page.getByRole('button', { name: 'No' }).click();
      await page.getByRole('button', { name: 'Run again' }).click();
      expect(api.enqueued).toHaveLength(0);
      await page.getByRole('button', { name: 'Yes, run again' }).click();
      await page.getByText('run 2 ·').waitFor();
      expect(api.enqueued).toHaveLength(1);
    },
    SLOW,
  );

  it(
    'names every control, and fits a telephone without scrolling sideways',
    async () => {
      const { page } = await open({ viewport: { width: 420, height: 900 } });
      await signIn(page, api, 'anna', 'admin');
      await study(page, 'MR Abdomen nativ').waitFor();
      for (const address of ['/', `/studies/${scene.stored}`, `/studies/${scene.failed}`]) {
        await page.goto(`${api.url}${address}`);
        await page.getByRole('table').first().waitFor();
        expect(await page.evaluate(unlabelled)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).toBeLessThanOrEqual(420);
      }
    },
    SLOW,
  );
});

/** Runs in the page: controls and pictures without a name, doubled ids, a page without a heading. */
function unlabelled(): string[] {
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  const name = (one: HTMLElement) =>
    one.getAttribute('aria-label') ??
    one.textContent.trim() + (one.closest('label')?.textContent ?? '');
  const ids = all('[id]').map((one) => one.id);
  return [
    ...all('button, a, input, select, summary').filter((one) => name(one) === ''),
    ...all('img').filter((one) => (one.getAttribute('alt') ?? '') === ''),
    ...all('table').filter((one) => one.querySelector('thead th[scope=col]') === null),
  ]
    .map((one) => one.outerHTML)
    .concat(ids.filter((id, index) => ids.indexOf(id) !== index))
    .concat(all('h1').length === 1 ? [] : ['the page needs one h1'])
    .concat(document.documentElement.lang === '' ? ['the page has no language'] : []);
}
