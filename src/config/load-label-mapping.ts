import { type LabelMapping, labelMappingSchema } from './label-mapping-schema.ts';
import { type Loaded, loadYaml } from './read-yaml.ts';

/**
 * Reads a table of label numbers: one of `config/label-mappings` or a user's own, YAML or JSON.
 * @throws SitusError CONFIG_NOT_FOUND, CONFIG_SYNTAX, CONFIG_INVALID, which name line and column.
 */
export async function loadLabelMapping(path: string): Promise<Loaded<LabelMapping>> {
  return loadYaml<LabelMapping>(path, labelMappingSchema);
}
