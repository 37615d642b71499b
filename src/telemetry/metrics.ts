import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The counters of a node, in Prometheus text format at `/metrics`. */
export interface Metrics {
  readonly registry: Registry;
  readonly polls: Counter<'archive' | 'outcome'>;
  readonly decisions: Counter<'outcome'>;
  readonly steps: Counter<'step' | 'outcome'>;
  readonly stepSeconds: Histogram<'step'>;
  readonly jobs: Gauge<'state'>;
  /** Jobs in no final state past their lease: an alert when above zero (design §7). */
  readonly staleJobs: Gauge;
}

const STEP_SECONDS_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    polls: new Counter({
      name: 'situs_polls_total',
      help: 'Polls of an archive by outcome',
      labelNames: ['archive', 'outcome'],
      registers,
    }),
    decisions: new Counter({
      name: 'situs_decisions_total',
      help: 'Decisions by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    steps: new Counter({
      name: 'situs_steps_total',
      help: 'Attempts of a job step by outcome',
      labelNames: ['step', 'outcome'],
      registers,
    }),
    stepSeconds: new Histogram({
      name: 'situs_step_seconds',
      help: 'Duration of finished job steps',
      labelNames: ['step'],
      buckets: STEP_SECONDS_BUCKETS,
      registers,
    }),
    jobs: new Gauge({
      name: 'situs_jobs',
      help: 'Jobs by state',
      labelNames: ['state'],
      registers,
    }),
    staleJobs: new Gauge({
      name: 'situs_stale_jobs',
      help: 'Jobs in no final state past their lease',
      registers,
    }),
  };
}
