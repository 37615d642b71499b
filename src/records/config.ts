import type { Db, Tx } from './client.ts';
import type { ConfigRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { cleanText, sha256, toJson } from './json.ts';
import type { ConfigKind, ConfigRow } from './kinds.ts';

const HISTORY = 100;
/** Versions that a beginning may name before it is too short. */
const MOST_ALIKE = 5;

type Row = Prisma.ConfigVersionGetPayload<object>;

/** Which configuration was active when, and which was refused (design §5). */
export function configRecords(db: Db): ConfigRecords {
  return {
    async activate(actor, kind, version, text, origin = {}) {
      return db.write(actor, async (tx, trail) => {
        const content = sha256(text);
        const active = await newest(tx, kind, true);
        if (active !== null && active.sha256 === content && active.version === version) {
          return configRow(active);
        }
        const row = await tx.configVersion.create({
          data: {
            kind,
            version,
            sha256: content,
            text: cleanText(text),
            accepted: true,
            activeFrom: new Date(),
            byKind: actor.kind,
            byName: actor.name,
            byHost: actor.host,
            author: origin.author === undefined ? null : cleanText(origin.author),
            note: origin.note === undefined ? null : cleanText(origin.note),
          },
        });
        trail.add(
          'config.activated',
          'config',
          kind,
          { version, sha256: content, ...origin },
          {
            config_version: [row.id],
          },
        );
        return configRow(row);
      });
    },

    async refuse(actor, kind, version, text, error) {
      await db.write(actor, async (tx, trail) => {
        const content = sha256(text);
        const last = await newest(tx, kind);
        if (last !== null && !last.accepted && last.sha256 === content) return;
        const { code, message, next } = error;
        const row = await tx.configVersion.create({
          data: {
            kind,
            version,
            sha256: content,
            text: cleanText(text),
            accepted: false,
            error: toJson({ code, message, next }) as Prisma.InputJsonValue,
            activeFrom: new Date(),
            byKind: actor.kind,
            byName: actor.name,
            byHost: actor.host,
          },
        });
        trail.add(
          'config.refused',
          'config',
          kind,
          { version, sha256: content, error: error.toJSON() },
          { config_version: [row.id] },
        );
      });
    },

    async active(kind) {
      const row = await db.read((prisma) => newest(prisma, kind, true));
      return row === null ? null : configRow(row);
    },

    async byVersion(kind, version) {
      const row = await db.read((prisma) =>
        prisma.configVersion.findFirst({
          where: { kind, version, accepted: true },
          orderBy: { id: 'desc' },
        }),
      );
      return row === null ? null : configRow(row);
    },

    async history(kind, limit = HISTORY) {
      const rows = await db.read((prisma) =>
        prisma.configVersion.findMany({
          where: { kind },
          orderBy: { id: 'desc' },
          take: limit,
          omit: { text: true },
        }),
      );
      return rows.map((row) => withoutText(row));
    },

    async startingWith(kind, beginning) {
      const rows = await db.read((prisma) =>
        prisma.configVersion.findMany({
          where: { kind, accepted: true, version: { startsWith: beginning } },
          distinct: ['version'],
          orderBy: { id: 'desc' },
          take: MOST_ALIKE,
        }),
      );
      return rows.map(configRow);
    },

    async before(kind, version) {
      return db.read(async (prisma) => {
        const first = await prisma.configVersion.findFirst({
          where: { kind, version, accepted: true },
          orderBy: { id: 'desc' },
        });
        const row =
          first === null
            ? null
            : await prisma.configVersion.findFirst({
                where: { kind, accepted: true, id: { lt: first.id }, version: { not: version } },
                orderBy: { id: 'desc' },
              });
        return row === null ? null : configRow(row);
      });
    },
  };
}

function newest(tx: Tx, kind: ConfigKind, accepted?: true): Promise<Row | null> {
  return tx.configVersion.findFirst({
    where: { kind, ...(accepted === undefined ? {} : { accepted }) },
    orderBy: { id: 'desc' },
  });
}

function configRow(row: Row): ConfigRow {
  return { ...withoutText(row), text: row.text };
}

function withoutText(row: Omit<Row, 'text'>): Omit<ConfigRow, 'text'> {
  return {
    kind: row.kind as ConfigKind,
    version: row.version,
    sha256: row.sha256,
    accepted: row.accepted,
    error: row.error as ConfigRow['error'],
    activeFrom: row.activeFrom,
    by: row.byName,
    author: row.author,
    note: row.note,
  };
}
