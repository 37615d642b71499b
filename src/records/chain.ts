import type { Actor } from '../contracts/index.ts';
import type { Prisma } from './generated/client.ts';
import { canonicalJson, cleanText, sha256, toJson } from './json.ts';
import { type ProtectedTable, lockChainHead, moveChainHead, rowHashes } from './sql-audit.ts';
import type { Json } from './types.ts';

/** Hash before the first event. */
export const CHAIN_START = '0'.repeat(64);

interface PendingEvent {
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly data: Json;
  readonly rows: readonly { readonly table: ProtectedTable; readonly id: bigint }[];
}

/** Collects what a write did, until its transaction appends it. */
export class Trail {
  readonly events: PendingEvent[] = [];

  /**
   * @param rows protected rows that this write inserted: the event will carry the hash of each, so
   *   that a row changed or removed behind Situs's back is found
   */
  add(
    action: string,
    entity: string,
    entityId: string | bigint,
    data: unknown = {},
    rows: Partial<Record<ProtectedTable, readonly bigint[]>> = {},
  ): void {
    const inserted = Object.entries(rows) as [ProtectedTable, readonly bigint[]][];
    this.events.push({
      action,
      entity,
      entityId: entityId.toString(),
      data: toJson(data),
      rows: inserted.flatMap(([table, ids]) => ids.map((id) => ({ table, id }))),
    });
  }
}

/** What an event's hash is taken over, beside the hash before it. */
export interface ChainContent {
  readonly seq: number;
  readonly at: string;
  readonly actor: { readonly kind: string; readonly name: string; readonly host: string };
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly payload: Json;
}

/** SHA-256 over the canonical JSON of the content followed by the previous hash. */
export function chainHash(content: ChainContent, previousHash: string): string {
  return sha256(canonicalJson(toJson(content)) + previousHash);
}

/** Appends events to the chain. Holds the head until the transaction ends. */
export async function append(
  tx: Prisma.TransactionClient,
  actor: Actor,
  events: readonly PendingEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const hashes = await hashesOf(tx, events);
  let { seq, hash } = await lockChainHead(tx);
  const by = {
    kind: actor.kind,
    name: cleanText(actor.name),
    host: cleanText(actor.host),
  };
  const links = events.map((event) => {
    const at = new Date();
    const rows = event.rows.map(({ table, id }) => ({
      table,
      id: id.toString(),
      sha256: hashes.get(`${table} ${id}`) ?? null,
    }));
    const payload = rows.length > 0 ? { data: event.data, rows } : { data: event.data };
    const { action, entity, entityId } = event;
    const previousHash = hash;
    seq += 1;
    hash = chainHash(
      { seq, at: at.toISOString(), actor: by, action, entity, entityId, payload },
      previousHash,
    );
    return {
      seq: BigInt(seq),
      at,
      actorKind: by.kind,
      actorName: by.name,
      actorHost: by.host,
      action,
      entity,
      entityId,
      payload,
      previousHash,
      hash,
    };
  });
  await tx.auditEvent.createMany({ data: links });
  await moveChainHead(tx, seq, hash);
}

async function hashesOf(
  tx: Prisma.TransactionClient,
  events: readonly PendingEvent[],
): Promise<Map<string, string>> {
  const wanted = new Map<ProtectedTable, bigint[]>();
  for (const { table, id } of events.flatMap((event) => event.rows)) {
    wanted.set(table, [...(wanted.get(table) ?? []), id]);
  }
  const hashes = new Map<string, string>();
  for (const [table, ids] of wanted) {
    for (const row of await rowHashes(tx, table, ids)) hashes.set(`${table} ${row.id}`, row.sha256);
  }
  return hashes;
}
