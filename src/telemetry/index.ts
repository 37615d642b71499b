export { Health, type HealthLevel, type PartHealth } from './health.ts';
export { createLogger, type Logger, type LogOptions } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
