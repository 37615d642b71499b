import { CHAIN_START, chainHash } from './chain.ts';
import type { Db } from './client.ts';
import type { AuditRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import type { AuditEventRow, AuditProblem, AuditReport } from './kinds.ts';
import {
  PROTECTED,
  type ProtectedTable,
  compareJobs,
  compareRows,
  countRows,
} from './sql-audit.ts';
import type { Json } from './types.ts';

const PAGE = 2_000;
const MOST_PROBLEMS = 1_000;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** Reading and proving the chain (design §6 guarantee 7). */
export function auditRecords(db: Db): AuditRecords {
  return {
    async note(actor, action, entity, entityId, payload) {
      await db.write(actor, (_tx, trail) => {
        trail.add(action, entity, entityId, payload);
        return Promise.resolve();
      });
    },

    verify: (onProgress) => verify(db, onProgress),

    export: (each) => eachEvent(db, each),

    async page(query) {
      const limit = Math.min(Math.max(1, query.limit ?? DEFAULT_LIMIT), MAX_LIMIT);
      const rows = await db.read((prisma) =>
        prisma.auditEvent.findMany({
          where: {
            ...(query.entity === undefined ? {} : { entity: query.entity }),
            ...(query.entityId === undefined ? {} : { entityId: query.entityId }),
            ...(query.before === undefined ? {} : { seq: { lt: BigInt(query.before) } }),
          },
          orderBy: { seq: 'desc' },
          take: limit,
        }),
      );
      return rows.map(eventRow);
    },
  };
}

/** Streams the chain in its order; returns how many events there were. */
async function eachEvent(
  db: Db,
  each: (event: AuditEventRow) => Promise<void> | void,
): Promise<number> {
  let last = -1n;
  let count = 0;
  for (;;) {
    const rows = await db.read((prisma) =>
      prisma.auditEvent.findMany({
        where: { seq: { gt: last } },
        orderBy: { seq: 'asc' },
        take: PAGE,
      }),
    );
    for (const row of rows) await each(eventRow(row));
    count += rows.length;
    const end = rows.at(-1);
    if (end === undefined) return count;
    last = end.seq;
  }
}

async function verify(db: Db, onProgress?: (events: number) => void): Promise<AuditReport> {
  // Taken first: events that are appended while the chain is read are no contradiction to it.
  const head = await db.read((prisma) => prisma.auditHead.findUnique({ where: { id: 1 } }));
  const problems = new Problems();
  const chain = new ChainCheck(problems);
  const events = await eachEvent(db, (event) => {
    chain.check(event);
    if (event.seq % PAGE === 0) onProgress?.(event.seq);
  });
  chain.end(head);
  let rows = 0;
  for (const table of Object.keys(PROTECTED) as ProtectedTable[]) {
    rows += await db.read((prisma) => countRows(prisma, table));
    const found = await db.read((prisma) => compareRows(prisma, table, MOST_PROBLEMS + 1));
    for (const { id, kind } of found) problems.add(kind, table, id, ROW_MESSAGES[kind](table, id));
  }
  for (const { table, id, message } of await db.read((tx) => compareJobs(tx, MOST_PROBLEMS + 1))) {
    problems.add('changed', table, id, message);
  }
  return {
    intact: problems.total === 0,
    events,
    rows,
    head: { seq: chain.lastSeq, hash: chain.lastHash },
    problems: problems.kept,
    truncated: problems.total > problems.kept.length,
  };
}

const ROW_MESSAGES = {
  changed: (table: string, id: string) =>
    `Row ${id} of ${table} is no longer what was written: its hash differs from the one in the chain.`,
  removed: (table: string, id: string) =>
    `Row ${id} of ${table} is in the chain and gone from the table.`,
  inserted: (table: string, id: string) =>
    `Row ${id} of ${table} was not written by Situs: the chain does not know it.`,
} as const;

class Problems {
  readonly kept: AuditProblem[] = [];
  total = 0;

  add(kind: AuditProblem['kind'], table: string, id: string, message: string): void {
    this.total += 1;
    if (this.kept.length < MOST_PROBLEMS) this.kept.push({ kind, table, id, message });
  }
}

/** Walks the events: numbers without gaps, each hash right for its content and for the one before. */
class ChainCheck {
  readonly #problems: Problems;
  #before: AuditEventRow | null = null;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  get lastSeq(): number {
    return this.#before?.seq ?? 0;
  }

  get lastHash(): string {
    return this.#before?.hash ?? CHAIN_START;
  }

  check(event: AuditEventRow): void {
    const expected = this.lastSeq + 1;
    const id = String(event.seq);
    if (event.seq > expected) {
      const gone = event.seq - 1 === expected ? `${expected}` : `${expected} to ${event.seq - 1}`;
      this.#add('removed', gone, `Event ${gone} is missing from the chain.`);
    } else if (event.seq < expected) {
      this.#add('inserted', id, `Event ${id} stands before the beginning of the chain.`);
    } else if (event.previousHash !== this.lastHash) {
      this.#add('changed', id, `Event ${id} does not follow from the event before it.`);
    }
    const content = { ...event, at: event.at.toISOString() };
    if (chainHash(contentOf(content), event.previousHash) !== event.hash) {
      this.#add('changed', id, `Event ${id} (${event.action}) is no longer what was written.`);
    }
    this.#before = event;
  }

  end(head: { readonly seq: bigint; readonly hash: string } | null): void {
    const seq = Number(head?.seq ?? 0);
    if (seq > this.lastSeq) {
      const gone = `${this.lastSeq + 1} to ${seq}`;
      this.#add('removed', gone, `Events ${gone} were cut off the end of the chain.`);
    } else if (head !== null && seq === this.lastSeq && head.hash !== this.lastHash) {
      this.#add('changed', String(seq), `Event ${seq} is not the one that was written last.`);
    }
  }

  #add(kind: AuditProblem['kind'], id: string, message: string): void {
    this.#problems.add(kind, 'audit_event', id, message);
  }
}

function contentOf(event: Omit<AuditEventRow, 'at'> & { readonly at: string }) {
  const { seq, at, actor, action, entity, entityId, payload } = event;
  return { seq, at, actor, action, entity, entityId, payload };
}

function eventRow(row: Prisma.AuditEventGetPayload<object>): AuditEventRow {
  return {
    seq: Number(row.seq),
    at: row.at,
    actor: { kind: row.actorKind, name: row.actorName, host: row.actorHost },
    action: row.action,
    entity: row.entity,
    entityId: row.entityId,
    payload: row.payload as Json,
    previousHash: row.previousHash,
    hash: row.hash,
  };
}
