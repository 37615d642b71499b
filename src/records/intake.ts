import type { Db } from './client.ts';
import type { IntakeRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { cleanText, toJson } from './json.ts';
import { renewLease, takeLease } from './sql.ts';
import type { Json, Look } from './types.ts';

/**
 * Where intake stands. None of it is in the audit chain: it says nothing about a study and changes
 * with every poll; what comes of it (revisions, decisions) is.
 */
export function intakeRecords(db: Db): IntakeRecords {
  return {
    async cursor(archive) {
      return db.read(async (prisma) => {
        const row = await prisma.archiveCursor.findUnique({ where: { archive } });
        return row === null ? null : (row.cursor as Json);
      });
    },

    async saveCursor(_actor, archive, cursor) {
      const value = { cursor: toJson(cursor) as Prisma.InputJsonValue, updatedAt: new Date() };
      await db.operate((tx) =>
        tx.archiveCursor.upsert({
          where: { archive },
          create: { archive, ...value },
          update: value,
        }),
      );
    },

    async look(archive, studyInstanceUid) {
      return db.read(async (prisma) => {
        const row = await prisma.intakeLook.findUnique({
          where: { archive_studyInstanceUid: { archive, studyInstanceUid } },
        });
        return row === null ? null : asLook(row);
      });
    },

    async saveLook(_actor, archive, studyInstanceUid, look) {
      const value = {
        fingerprint: look.fingerprint,
        since: new Date(look.since),
        looks: look.looks,
        row: look.row === null ? null : cleanText(look.row),
        lastSeenAt: new Date(),
      };
      await db.operate((tx) =>
        tx.intakeLook.upsert({
          where: { archive_studyInstanceUid: { archive, studyInstanceUid } },
          create: { archive, studyInstanceUid, ...value },
          update: value,
        }),
      );
    },

    async dropLook(_actor, archive, studyInstanceUid) {
      await db.operate((tx) => tx.intakeLook.deleteMany({ where: { archive, studyInstanceUid } }));
    },

    async looks(archive) {
      return db.read(async (prisma) => {
        const rows = await prisma.intakeLook.findMany({
          where: { archive },
          orderBy: [{ lastSeenAt: 'asc' }, { studyInstanceUid: 'asc' }],
        });
        return rows.map((row) => ({ ...asLook(row), studyInstanceUid: row.studyInstanceUid }));
      });
    },

    acquireLease: (name, owner, seconds) => db.operate((tx) => takeLease(tx, name, owner, seconds)),

    renewLease: (name, owner, seconds) => db.operate((tx) => renewLease(tx, name, owner, seconds)),

    async releaseLease(name, owner) {
      await db.operate((tx) => tx.lease.deleteMany({ where: { name, owner } }));
    },

    async ownUids(uids) {
      const rows = await db.read((prisma) =>
        prisma.ownUid.findMany({ where: { uid: { in: [...uids] } }, select: { uid: true } }),
      );
      return new Set(rows.map((row) => row.uid));
    },
  };
}

function asLook(row: Prisma.IntakeLookGetPayload<object>): Look {
  return {
    fingerprint: row.fingerprint,
    since: row.since.toISOString(),
    looks: row.looks,
    row: row.row,
  };
}
