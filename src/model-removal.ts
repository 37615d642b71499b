import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usage, type RuleSet } from './contracts/index.ts';
import { SHIPPED_MODELS } from './models.ts';
import { listModels, verifyModel } from './segmentation/index.ts';

/** What may still need a model. */
export interface ModelUse {
  readonly rules: readonly string[];
  /** Unfinished jobs; null when nobody could be asked. */
  readonly jobs: number | null;
}

export interface RemovedModel {
  readonly name: string;
  readonly version: string | null;
  /** Null when the model was not intact. */
  readonly hash: string | null;
  readonly directory: string;
  readonly bytes: number;
}

/** Rules that order a model. */
export function rulesWith(rules: RuleSet, model: string): string[] {
  return rules.rules.filter((rule) => rule.segment?.model === model).map((rule) => rule.name);
}

/** @throws SitusError MODEL_IN_USE (usage) naming the rules and the number of jobs. */
export function requireUnused(name: string, { rules, jobs }: ModelUse): void {
  const reasons = [
    ...(rules.length === 0 ? [] : [`the rule ${rules.map((rule) => `"${rule}"`).join(', ')}`]),
    ...(jobs === null || jobs === 0 ? [] : [`${jobs} unfinished ${jobs === 1 ? 'job' : 'jobs'}`]),
  ];
  if (reasons.length === 0) return;
  throw usage(
    'MODEL_IN_USE',
    `The model ${name} is needed by ${reasons.join(' and ')}.`,
    'Change the rules and let the jobs end, or remove it all the same with --force: such jobs will then fail.',
    { rules, jobs },
  );
}

/**
 * Takes a model away. `record` is called when nobody can use it any more and before its files go: when it
 * throws, the model is put back.
 * @param folder of the site's models; those that come with Situs are never removed.
 * @throws SitusError MODEL_SHIPPED, MODEL_NOT_FOUND (usage)
 */
export async function removeModel(
  folder: string,
  name: string,
  record: (removed: RemovedModel) => Promise<void>,
): Promise<RemovedModel> {
  const directory = await requireRemovable(folder, name);
  const listing = (await listModels(folder)).find((one) => one.directory === directory);
  const intact =
    listing === undefined || listing.problem !== null ? null : await verifyModel(directory);
  const removed: RemovedModel = {
    name,
    version: listing?.version ?? null,
    hash: intact?.hash ?? null,
    directory,
    bytes: await bytesOf(directory),
  };
  const aside = join(dirname(directory), `.removing-${randomUUID()}`);
  await rename(directory, aside);
  try {
    await record(removed);
  } catch (thrown) {
    await rename(aside, directory);
    throw thrown;
  }
  await rm(aside, { recursive: true });
  return removed;
}

async function requireRemovable(folder: string, name: string): Promise<string> {
  const own = (await foldersIn(folder)).find((one) => one === name);
  if (own !== undefined) return join(folder, own);
  if ((await foldersIn(SHIPPED_MODELS)).includes(name)) {
    throw usage(
      'MODEL_SHIPPED',
      `The model ${name} comes with Situs and is not removed.`,
      'Nothing need be done: it is only used where a rule names it.',
    );
  }
  const known = await foldersIn(folder);
  throw usage(
    'MODEL_NOT_FOUND',
    `There is no model "${name}" in ${folder}; there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}.`,
    'Name one of them: npx situs model list.',
  );
}

async function foldersIn(folder: string): Promise<string[]> {
  const found = await stat(folder).catch(() => null);
  if (found === null || !found.isDirectory()) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

async function bytesOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
