import { hostname, availableParallelism } from 'node:os';
import { randomUUID } from 'node:crypto';
import { startApi, type RunningApi } from './api/index.ts';
import { openArchives } from './archives.ts';
import { followRules } from './rules-watch.ts';
import { loadStructures, type SitusConfig } from './config/index.ts';
import type { Actor } from './contracts/index.ts';
import { startPoller, type CronLog, type Poller } from './intake/index.ts';
import {
  createCompute,
  createDecider,
  createWorker,
  Mutex,
  openQueue,
  WorkFolder,
  type SegmentationSettings,
} from './jobs/index.ts';
import { kserveSettings } from './kserve.ts';
import { createModelStore } from './models.ts';
import { openRecords, type Records } from './records/index.ts';
import type { Device } from './segmentation/index.ts';
import { createMetrics, Health, type Logger } from './telemetry/index.ts';
import { startHousekeeping } from './housekeeping.ts';
import { VERSION, WEB_FOLDER } from './version.ts';
import { workDevice } from './work-device.ts';

export type Role = 'intake' | 'work' | 'api';
export const ALL_ROLES: readonly Role[] = ['intake', 'work', 'api'];

export interface NodeOptions {
  readonly config: SitusConfig;
  /** Postgres of the record and the queue. */
  readonly databaseUrl: string;
  readonly roles: readonly Role[];
  readonly log: Logger;
  /** Name of this node in results and in the record; the host name when left out. */
  readonly name?: string;
}

/** A running node. */
export interface SitusNode {
  readonly records: Records;
  readonly health: Health;
  /** Address of API and page; null without the role `api`. */
  readonly url: string | null;
  /** Polls every archive now. */
  pollNow(): Promise<void>;
  stop(): Promise<void>;
}

/** Jobs that run side by side: one on the device, the other fetching, encoding or storing. */
const JOBS_AT_ONCE = 2;

/**
 * The map: builds every part and joins them in the order of the path (design §2). `stop` ends them
 * in the opposite order; work under way is left where its last good step ended.
 */
export async function startNode(options: NodeOptions): Promise<SitusNode> {
  const { config, roles, log } = options;
  const node = options.name ?? hostname();
  const stopping: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stopping.splice(0).reverse()) await end();
  };

  try {
    const health = new Health();
    const metrics = createMetrics();

    const records = await openRecords(options.databaseUrl, { log });
    stopping.push(() => records.close());
    health.report('database', 'ok', 'connected');

    const actor = (name: string): Actor => ({ kind: 'service', name, host: node });
    const active = await followRules(config, records, actor('config'), health, log);
    stopping.push(() => active.close());

    const archives = openArchives(config);
    stopping.push(() => archives.close());
    const models = createModelStore(config.models.folder);
    const device = roles.includes('work') ? await workDevice(config, log) : 'cpu';
    const segmentation = segmentationSettings(config, device);

    const queue = await openQueue(options.databaseUrl, log);
    stopping.push(() => queue.stop());
    await queue.reconcile(records);

    const folder = roles.includes('work') ? new WorkFolder(config.workFolder) : null;
    if (folder !== null) {
      const structures = await loadStructures(config.files.structures, config.files.ownStructures);
      const compute = createCompute();
      stopping.push(() => compute.stop());
      const worker = createWorker(
        {
          node,
          version: VERSION,
          actor: actor('worker'),
          records,
          archive: archives.get,
          model: models.get,
          structures: structures.value,
          folder,
          compute,
          device: new Mutex(),
          segmentation,
          log,
        },
        queue,
        metrics,
      );
      await worker.start(JOBS_AT_ONCE);
      stopping.push(() => worker.stop());
    }

    const pollers: Poller[] = [];
    if (roles.includes('intake')) {
      const decider = createDecider({
        actor: actor('intake'),
        records,
        archive: archives.get,
        active: active.current,
        model: models.get,
        segmentation,
        queue,
        metrics,
        log,
      });
      const owner = `${node}:${process.pid}:${randomUUID()}`;
      for (const one of intakeArchives(config)) {
        const poller = startPoller({
          archive: archives.get(one),
          records,
          actor: actor('intake'),
          settings: config.intake,
          now: () => new Date(),
          schedule: config.intake.schedule,
          sweepSchedule: config.intake.sweepSchedule,
          owner,
          afterPoll: async (signal) => {
            await decider.drain(signal);
          },
          cronLog: cronLog(log),
          onReport: (report) => {
            metrics.polls.inc({ archive: one, outcome: 'done' });
            health.report(`archive ${one}`, 'ok', 'answers');
            if (report.listed > 0) log.info({ archive: one, ...report }, 'polled');
          },
          onError: (error) => {
            metrics.polls.inc({ archive: one, outcome: error.code });
            health.report(`archive ${one}`, 'down', `${error.code}: ${error.message}`);
            log.error({ archive: one, code: error.code, reason: error.message }, 'poll failed');
          },
        });
        pollers.push(poller);
        stopping.push(() => poller.stop());
      }
    }

    const { keepWorkDays, keepLabelsDays } = config.privacy;
    stopping.push(
      startHousekeeping({
        records,
        queue,
        health,
        metrics,
        log,
        folder,
        actor: actor('housekeeping'),
        keep: { workDays: keepWorkDays, labelsDays: keepLabelsDays },
      }),
    );

    let api: RunningApi | null = null;
    if (roles.includes('api')) {
      api = await startApi({
        ...config.api,
        records,
        queue,
        health,
        metrics,
        log,
        version: VERSION,
        webFolder: WEB_FOLDER,
        sessionHours: config.privacy.sessionHours,
        maskPatientData: config.privacy.maskPatientData,
      });
      const running = api;
      stopping.push(() => running.stop());
    }

    return {
      records,
      health,
      url: api?.url ?? null,
      async pollNow() {
        await Promise.all(pollers.map((poller) => poller.pollNow()));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A poll that was skipped because the one before still runs is ordinary; the rest is not. */
function cronLog(log: Logger): CronLog {
  return {
    info: (message) => log.debug(message),
    warn: (message) => log.debug(message),
    error: (message, error) => log.error({ err: error }, String(message)),
    debug: (message) => log.debug(String(message)),
  };
}

function intakeArchives(config: SitusConfig): readonly string[] {
  return config.intake.archives ?? config.archives.map((one) => one.name);
}

function segmentationSettings(config: SitusConfig, device: Device): SegmentationSettings {
  const { segmentation } = config;
  return {
    device,
    deviceId: segmentation.gpu.id,
    deviceMemoryLimit: segmentation.gpu.memoryLimit,
    kserve: kserveSettings(config),
    threads: segmentation.threads === 0 ? availableParallelism() : segmentation.threads,
    spacingMode: segmentation.spacingMode,
    memoryLimit: segmentation.memoryLimit,
  };
}
