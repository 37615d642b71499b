import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, usage } from './contracts/index.ts';
import {
  listModels,
  loadModel,
  type LoadedModel,
  type ModelListing,
} from './segmentation/index.ts';

/** Models that come with Situs; a model of the same name in the site's folder wins. */
export const SHIPPED_MODELS = new URL('./demo/models/', import.meta.url).pathname;

export interface ModelStore {
  /** Loads a model once; its files are checked against their hashes. */
  readonly get: (name: string) => Promise<LoadedModel>;
  list(): Promise<ModelListing[]>;
}

/** The models of a site by their names (design §9). */
export function createModelStore(folder: string): ModelStore {
  const loaded = new Map<string, Promise<LoadedModel>>();
  const folders = [folder, SHIPPED_MODELS];

  const find = async (name: string): Promise<LoadedModel> => {
    for (const root of folders) {
      if ((await names(root)).includes(name)) return loadModel(join(root, name));
    }
    const known = (await Promise.all(folders.map(names))).flat();
    throw usage(
      'MODEL_NOT_FOUND',
      `There is no model "${name}"; known are ${known.join(', ') || 'none'}.`,
      `Get it with "npx situs model pull ${name}" or "npx situs model import DIR --out ${join(folder, name)}", or name another.`,
      { model: name },
    );
  };

  return {
    get(name) {
      const known = loaded.get(name);
      if (known !== undefined) return known;
      const loading = find(name);
      loaded.set(name, loading);
      loading.catch(() => loaded.delete(name));
      return loading;
    },
    async list() {
      const listings = [];
      for (const root of folders) {
        if ((await names(root)).length > 0) listings.push(...(await listModels(root)));
      }
      return listings;
    },
  };
}

async function names(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
