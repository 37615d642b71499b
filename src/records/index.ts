export type * from './door.ts';
export { ROLES } from './kinds.ts';
export type * from './kinds.ts';
export { LIVE_STATES, OUTCOMES } from './types.ts';
export type * from './types.ts';
