import type { z } from 'zod';
import { startApi, type ApiOptions } from '../../src/api/index.ts';
import { openRecords, type JobRef, type Records } from '../../src/records/index.ts';
import { createLogger, createMetrics, Health } from '../../src/telemetry/index.ts';
import { testDatabase } from '../support/postgres.ts';

export interface ApiUnderTest {
  readonly url: string;
  readonly records: Records;
  readonly health: Health;
  readonly databaseUrl: string;
  /** Jobs that were put into the queue. */
  readonly enqueued: readonly JobRef[];
  stop(): Promise<void>;
}

/** The parts of an API that needs no port and no database of its own. */
export function apiOptions(records: Records, change: Partial<ApiOptions> = {}): ApiOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    records,
    queue: { enqueue: () => Promise.resolve() },
    health: new Health(),
    metrics: createMetrics(),
    log: createLogger({ level: 'silent' }),
    version: '1.2.3',
    webFolder: null,
    sessionHours: 12,
    maskPatientData: true,
    ...change,
  };
}

/** An API on a free loopback port over a database of its own. */
export async function startTestApi(change: Partial<ApiOptions> = {}): Promise<ApiUnderTest> {
  const database = await testDatabase();
  const records = await openRecords(database.url);
  const enqueued: JobRef[] = [];
  const health = new Health();
  const options = apiOptions(records, {
    health,
    queue: {
      enqueue: (_tx, job) => {
        enqueued.push(job);
        return Promise.resolve();
      },
    },
    ...change,
  });
  const api = await startApi(options);
  return {
    url: api.url,
    records,
    health,
    databaseUrl: database.url,
    enqueued,
    async stop() {
      await api.stop();
      await records.close();
      await database.drop();
    },
  };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Asks with an API token, a cookie or nothing. */
export async function ask(
  url: string,
  how: {
    readonly method?: string;
    readonly token?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  } = {},
): Promise<Answered> {
  const response = await fetch(url, {
    method: how.method ?? 'GET',
    headers: {
      ...(how.token === undefined ? {} : { Authorization: `Bearer ${how.token}` }),
      ...(how.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...how.headers,
    },
    ...(how.body === undefined ? {} : { body: JSON.stringify(how.body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: json ? JSON.parse(text) : text,
  };
}

/** The answer, checked against its schema. */
export async function get<Schema extends z.ZodType>(
  schema: Schema,
  url: string,
  token: string,
): Promise<z.infer<Schema>> {
  const { status, body } = await ask(url, { token });
  if (status !== 200) throw new Error(`${url} answered ${status}: ${JSON.stringify(body)}`);
  return schema.parse(body);
}
