import { randomUUID } from 'node:crypto';
import { asSitusError, SitusError, type Target } from '../contracts/index.ts';
import type { Claim, JobWork, Reason } from '../records/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import type { JobContext, StepWork, WorkerParts } from './context.ts';
import { encodeStep, keptResults } from './encode-step.ts';
import { fetchedManifest, fetchStep } from './fetch-step.ts';
import { measureStep } from './measure-step.ts';
import type { Queue, QueueMessage } from './queue.ts';
import { quietHours } from './quiet-hours.ts';
import { giveUp, retryAt } from './retry.ts';
import { segmentStep } from './segment-step.ts';
import { STEPS, type StepDefinition, type StepName } from './steps.ts';
import { storeStep } from './store-step.ts';
import { verifyStep } from './verify-step.ts';

const STEP_WORK: Readonly<Record<StepName, StepWork>> = {
  fetch: fetchStep,
  segment: segmentStep,
  measure: measureStep,
  encode: encodeStep,
  store: storeStep,
  verify: verifyStep,
};

/** A dead worker's job is free again after this; a live one renews three times as often. */
const LEASE_SECONDS = 15;

export interface Worker {
  start(concurrency: number): Promise<void>;
  /** Ends running attempts at once; their jobs go back into the queue. */
  stop(): void;
}

/** Takes jobs from the queue and runs them step by step, from the first step that is not done. */
export function createWorker(parts: WorkerParts, queue: Queue, metrics: Metrics): Worker {
  const owner = `${parts.node}:${process.pid}:${randomUUID()}`;
  const stopping = new AbortController();

  async function handle(message: QueueMessage): Promise<void> {
    const claim: Claim = { jobId: message.jobId, owner };
    const answer = await parts.records.jobs.claim(parts.actor, claim, LEASE_SECONDS);
    if (answer.kind === 'unknown' || answer.kind === 'over') return;
    if (answer.kind === 'busy') throw busy(claim, answer.owner);
    if (answer.takenOver)
      parts.log.warn({ job: claim.jobId }, 'took over the job of a dead worker');
    await attempt(claim, answer.work, message);
  }

  async function attempt(claim: Claim, work: JobWork, message: QueueMessage): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([stopping.signal, message.signal, lost.signal]);
    const state = { progress: 0 };
    const heartbeat = setInterval(
      () => {
        parts.records.jobs.heartbeat(claim, LEASE_SECONDS, state.progress).then(
          (ours) => ours || lost.abort(lostClaim(claim)),
          (error: unknown) => parts.log.warn({ err: error, job: claim.jobId }, 'heartbeat failed'),
        );
      },
      (LEASE_SECONDS * 1000) / 3,
    );
    const context: JobContext = {
      ...parts,
      work,
      claim,
      signal,
      attempt: { manifest: null, volume: null, results: null },
      progress: (fraction) => {
        state.progress = fraction;
      },
    };
    try {
      await runSteps(context, message.retries);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      parts.log.info(
        { job: claim.jobId },
        'attempt ended early; the job goes on elsewhere or later',
      );
      throw thrown;
    } finally {
      clearInterval(heartbeat);
    }
  }

  async function runSteps(context: JobContext, retries: number): Promise<void> {
    for (const definition of await openSteps(context)) {
      const ended = await runStep(context, definition, retries);
      if (ended) return;
    }
  }

  /** Runs one step; true when the job is over. Throws for another attempt later. */
  async function runStep(
    context: JobContext,
    { name }: StepDefinition,
    retries: number,
  ): Promise<boolean> {
    const { records, actor } = parts;
    const { claim } = context;
    const number = await records.jobs.startStep(actor, claim, name);
    const startedAt = performance.now();
    parts.log.info({ job: claim.jobId, step: name, attempt: number }, 'step started');
    try {
      if (name === STEPS[0]?.name && isNotBegun(context.work)) throwQuietHours(context.work.target);
      const outcome = await STEP_WORK[name](context);
      await records.jobs.finishStep(actor, claim, name, outcome.artifact);
      metrics.steps.inc({ step: name, outcome: 'done' });
      metrics.stepSeconds.observe({ step: name }, (performance.now() - startedAt) / 1000);
      if (outcome.kind === 'next') return false;
      await records.jobs.finishJob(actor, claim, outcome.state, outcome.reasons);
      parts.log.info({ job: claim.jobId, state: outcome.state }, 'job finished');
      await clear(claim);
      return true;
    } catch (thrown) {
      if (stopping.signal.aborted) await release(claim, name);
      if (context.signal.aborted) throw thrown;
      const error = asSitusError(thrown);
      metrics.steps.inc({ step: name, outcome: error.errorClass });
      parts.log.warn(
        { job: claim.jobId, step: name, code: error.code, reason: error.message },
        'step failed',
      );
      if (error.errorClass === 'retry' && !giveUp(error, number)) {
        await records.jobs.failStep(actor, claim, name, error, retryAt(error, retries));
        throw error;
      }
      await records.jobs.failStep(actor, claim, name, error);
      const state = error.errorClass === 'refuse' ? 'refused' : 'failed';
      await records.jobs.finishJob(actor, claim, state, [reasonOf(context, error)], error);
      await clear(claim);
      return true;
    }
  }

  /** The source images of a job that is over take room for nothing. Housekeeping comes again for what stays. */
  async function clear({ jobId }: Claim): Promise<void> {
    try {
      await parts.folder.dropInstances(jobId);
    } catch (error) {
      parts.log.warn({ err: error, job: jobId }, 'source images not removed from the work folder');
    }
  }

  /** Gives the job back, so that another host need not wait until the lease ends. */
  async function release(claim: Claim, step: StepName): Promise<void> {
    try {
      await parts.records.jobs.failStep(parts.actor, claim, step, nodeStopped(), new Date());
    } catch (error) {
      parts.log.warn(
        { err: error, job: claim.jobId },
        'job not given back; its lease ends by itself',
      );
    }
  }

  return {
    start: (concurrency) => queue.work(concurrency, handle),
    stop: () => stopping.abort(new Error('the node is stopping')),
  };
}

/**
 * The steps that are still to be run, in order. A fetch that another host did is done again here
 * when a later step needs the instances; the last step is run even if it was done, since the job is
 * not over.
 */
async function openSteps(context: JobContext): Promise<readonly StepDefinition[]> {
  const done = new Set(
    context.work.steps.filter((step) => step.state === 'done').map((step) => step.step),
  );
  const first = STEPS.findIndex((step) => !done.has(step.name));
  const open = STEPS.slice(first === -1 ? STEPS.length - 1 : first);
  const [fetch] = STEPS;
  if (fetch === undefined || open[0] === fetch) return open;
  const atHand =
    (await fetchedManifest(context)) !== null ||
    ((open[0]?.name === 'store' || open[0]?.name === 'verify') &&
      (await keptResults(context)) !== null);
  return atHand ? open : [fetch, ...open];
}

/** Holds a job that a person orders again in quiet hours, or that comes so late that the next have begun. */
function throwQuietHours(target: Target): void {
  const wait = quietHours(target, new Date());
  if (wait !== null) throw wait.because;
}

/** Whether no step of the job was ever done. */
function isNotBegun({ steps }: JobWork): boolean {
  return !steps.some((step) => step.state === 'done');
}

function reasonOf(context: JobContext, error: SitusError): Reason {
  return {
    code: error.code,
    message: error.message,
    next: error.next,
    seriesInstanceUid: context.work.target.seriesInstanceUid,
  };
}

function busy(claim: Claim, other: string): SitusError {
  return new SitusError({
    code: 'JOB_BUSY',
    message: `Job ${claim.jobId} is held by ${other}.`,
    next: 'Nothing to do: it is taken over when that worker’s lease ends.',
    errorClass: 'retry',
    origin: 'situs',
  });
}

function nodeStopped(): SitusError {
  return new SitusError({
    code: 'NODE_STOPPED',
    message: 'The node that ran this job was stopped.',
    next: 'Nothing to do: it goes on after the last good step as soon as a node runs.',
    errorClass: 'retry',
    origin: 'situs',
  });
}

function lostClaim(claim: Claim): SitusError {
  return new SitusError({
    code: 'JOB_LOST',
    message: `Job ${claim.jobId} was cancelled or taken over.`,
    next: 'Nothing to do.',
    errorClass: 'retry',
    origin: 'situs',
  });
}
