export type { RecordsLog } from './client.ts';
export type * from './door.ts';
export { jobIdentity } from './identity.ts';
export { ROLES } from './kinds.ts';
export type * from './kinds.ts';
export { type MigrateReport, migrate } from './migrate.ts';
export { type OpenOptions, openRecords } from './open.ts';
export { LIVE_STATES, OUTCOMES } from './types.ts';
export type * from './types.ts';
