import { PrismaPg } from '@prisma/adapter-pg';
import { SitusError, type Actor } from '../contracts/index.ts';
import { Trail, append } from './chain.ts';
import { databaseError, isRace } from './errors.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { sessionTimezone } from './sql.ts';

/** Inside a transaction. */
export type Tx = Prisma.TransactionClient;

/** What the record writes to the log of its host; a pino logger fits. */
export interface RecordsLog {
  warn(facts: object, message: string): void;
}

const ATTEMPTS = 4;
/** Long enough for a decision with hundreds of verdicts behind a queue of writers. */
const TRANSACTION = { maxWait: 15_000, timeout: 30_000 };

/**
 * The only way to the database: every call turns the driver's errors into SitusErrors, and every
 * audited write carries its events in its own transaction.
 */
export class Db {
  readonly prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.prisma = prisma;
  }

  async read<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.prisma);
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** A transaction without an audit event: heartbeats, leases, looks and cursors only. */
  async operate<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transact(work);
  }

  /**
   * A transaction whose events are appended to the chain as its last act: the chain's head is the
   * last row it locks, so writers wait for each other only there and never in a circle.
   */
  async write<T>(actor: Actor, work: (tx: Tx, trail: Trail) => Promise<T>): Promise<T> {
    return this.#transact(async (tx) => {
      const trail = new Trail();
      const result = await work(tx, trail);
      await append(tx, actor, trail.events);
      return result;
    });
  }

  /** Work that lost a race (the same row inserted at once, a deadlock) is done again from the start. */
  async #transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.prisma.$transaction(work, TRANSACTION);
      } catch (error) {
        if (attempt >= ATTEMPTS || !isRace(error)) throw databaseError(error);
      }
    }
  }
}

/**
 * Connects. The session's time zone must be UTC: the driver adapter reads and writes times without
 * their offset, so any other zone would shift every time of the record.
 */
export async function connect(url: string, log?: RecordsLog): Promise<Db> {
  const warn = (error: Error): void =>
    log?.warn({ error: error.message }, 'a connection to the database broke');
  const adapter = new PrismaPg(
    {
      connectionString: url,
      options: '-c timezone=UTC',
      application_name: 'situs',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      max: 10,
    },
    { onPoolError: warn, onConnectionError: warn },
  );
  const db = new Db(new PrismaClient({ adapter }));
  try {
    const zone = await db.read((prisma) => sessionTimezone(prisma));
    if (zone !== 'UTC') {
      throw new SitusError({
        code: 'DATABASE_TIMEZONE',
        message: `The database session's time zone is ${zone}; Situs needs UTC.`,
        next: `Run: ALTER ROLE <user of Situs> SET timezone = 'UTC';`,
        errorClass: 'usage',
        origin: 'configuration',
      });
    }
    return db;
  } catch (error) {
    await db.prisma.$disconnect();
    throw error;
  }
}
