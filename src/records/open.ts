import { fault } from '../contracts/index.ts';
import { auditRecords } from './audit.ts';
import { type RecordsLog, connect } from './client.ts';
import { configRecords } from './config.ts';
import { decisionRecords } from './decisions.ts';
import type { Records } from './door.ts';
import { intakeRecords } from './intake.ts';
import { jobRecords } from './jobs.ts';
import { migrate } from './migrate.ts';
import { modelRecords } from './models.ts';
import { queryRecords } from './queries.ts';
import { appliedMigrations, serverFacts } from './sql.ts';
import { studyRecords } from './studies.ts';
import { userRecords } from './users.ts';
import { withdrawalRecords } from './withdrawals.ts';

export interface OpenOptions {
  readonly log?: RecordsLog;
  /** False leaves the schema as it is; for a database that `prisma migrate deploy` keeps. */
  readonly migrate?: boolean;
}

/** Brings the database's schema up to date and opens the record. `close()` when done. */
export async function openRecords(url: string, options: OpenOptions = {}): Promise<Records> {
  if (options.migrate !== false) await migrate(url);
  const db = await connect(url, options.log);
  return {
    studies: studyRecords(db),
    decisions: decisionRecords(db),
    jobs: jobRecords(db),
    withdrawals: withdrawalRecords(db),
    intake: intakeRecords(db),
    queries: queryRecords(db),
    users: userRecords(db),
    config: configRecords(db),
    models: modelRecords(db),
    audit: auditRecords(db),

    async databaseInfo() {
      return db.read(async (prisma) => {
        const before = Date.now();
        const facts = await serverFacts(prisma);
        const middle = (before + Date.now()) / 2;
        if (facts === null)
          throw fault('NO_SERVER_FACTS', 'The database says nothing about itself.');
        const head = await prisma.auditHead.findUnique({ where: { id: 1 } });
        return {
          server: facts.server,
          database: facts.database,
          user: facts.user,
          migrations: await appliedMigrations(prisma),
          bytes: Number(facts.bytes),
          studies: Number(facts.studies),
          auditEvents: Number(head?.seq ?? 0),
          clockSkewMs: Math.round(facts.now.getTime() - middle),
        };
      });
    },

    close: () => db.prisma.$disconnect(),
  };
}
