/** The door of `archive`: a DICOMweb server as the rest of Situs sees it. */
export { createArchive } from './archive.ts';
export { systemClock, type Clock } from './clock.ts';
export type {
  ArchiveAuth,
  ArchiveConfig,
  ArchiveLimits,
  ArchiveTimeouts,
  DayWindow,
} from './config.ts';
export type { Condition } from './manners.ts';
export { sopInstanceUidOf } from './part10.ts';
export type {
  Archive,
  Change,
  Changes,
  Instance,
  InstancePlace,
  InstanceToStore,
  Options,
  Probe,
  SeriesPlace,
  StoreOutcome,
  StudyQuery,
  StudyRow,
} from './types.ts';
