import { fileURLToPath } from 'node:url';
import { type ModelSource, modelSourcesSchema } from './model-sources-schema.ts';
import { loadYaml } from './read-yaml.ts';
import type { SitusConfig } from './situs-schema.ts';

const SHIPPED = fileURLToPath(new URL('../../config/model-sources.yaml', import.meta.url));

/**
 * Every model that can be pulled by its name: those that Situs ships, and those of `models.sources`,
 * which win.
 */
export async function loadModelSources(
  config: Pick<SitusConfig, 'models'>,
): Promise<Readonly<Record<string, ModelSource>>> {
  const { value } = await loadYaml(SHIPPED, modelSourcesSchema);
  return { ...value.sources, ...config.models.sources };
}
