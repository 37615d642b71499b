export { fingerprint } from './fingerprint.ts';
export type { PollReport, PollScope } from './poll.ts';
export { startPoller, type CronLog, type Poller, type PollerOptions } from './poller.ts';
export type { IntakeSettings } from './ports.ts';
export { concernsWholeArchive } from './whole-archive.ts';
