export { CHANGE_KINDS, type Change, type ChangeKind } from './compare.ts';
export { replay, type ReplayOptions } from './replay.ts';
export type { ReplayBy } from './tasks.ts';
export type { ChangeGroup, ReplaySummary } from './tally.ts';
export * from './inbox/index.ts';
