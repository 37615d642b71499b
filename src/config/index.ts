export { dataFolder } from './data-folder.ts';
export { jsonSchemas } from './json-schemas.ts';
export {
  type KnownNames,
  loadRules,
  loadSequences,
  loadSitusConfig,
  loadStructures,
} from './load.ts';
export type { ConfigProblem } from './problem.ts';
export type { Loaded } from './read-yaml.ts';
export type { ArchiveConfig, SitusConfig } from './situs-schema.ts';
export { type ConfigWatch, watchConfig, type WatchListeners } from './watch.ts';
