import pg from 'pg';
import { eventually } from './site.ts';

/** A write of the record at which a node is to be held. */
export interface GatedWrite {
  readonly table: string;
  readonly event: 'INSERT' | 'UPDATE';
  /** SQL over NEW (and OLD). */
  readonly when: string;
}

/** Holds every write of one kind until it is opened: for tests that must act at that very moment. */
export interface WriteGate {
  /** Resolves once a write waits at the gate: it has not happened, and all before it has. */
  reached(seconds: number): Promise<void>;
  /** Throws the waiting writes away, as the end of their process would, and lets later ones through. */
  open(): Promise<void>;
}

const LOCK = 20_261_124;

/** Puts a trigger before the write that waits for an advisory lock, which this gate holds. */
export async function gateWrites(databaseUrl: string, write: GatedWrite): Promise<WriteGate> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  await client.query(`
    CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NEW; END $$`);
  await client.query(`
    CREATE TRIGGER test_gate BEFORE ${write.event} ON ${write.table}
    FOR EACH ROW WHEN (${write.when}) EXECUTE FUNCTION test_gate()`);
  await client.query(`SELECT pg_advisory_lock(${LOCK})`);
  const waiting = async (): Promise<number[]> => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return rows.map((row) => row.pid);
  };
  let isOpen = false;
  return {
    async reached(seconds) {
      await eventually(
        `${write.event} ${write.table} ${write.when}`,
        async () => (await waiting()).length > 0,
        seconds,
      );
    },
    async open() {
      if (isOpen) return;
      isOpen = true;
      for (const pid of await waiting())
        await client.query('SELECT pg_terminate_backend($1)', [pid]);
      await client.query(`SELECT pg_advisory_unlock(${LOCK})`);
      await client.query(`DROP TRIGGER test_gate ON ${write.table}; DROP FUNCTION test_gate`);
      await client.end();
    },
  };
}
