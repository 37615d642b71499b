import type { ModelCard } from '../contracts/index.ts';
import type { Db } from './client.ts';
import type { ModelRecords } from './door.ts';
import type { Model, Prisma } from './generated/client.ts';
import { toJson } from './json.ts';
import type { ModelRow } from './kinds.ts';

/** The models that jobs have been run with, with their cards. */
export function modelRecords(db: Db): ModelRecords {
  return {
    async register(actor, card) {
      const { name, version, hash } = card;
      await db.write(actor, async (tx, trail) => {
        const key = { name, version, hash };
        const known = await tx.model.findUnique({ where: { name_version_hash: key } });
        if (known !== null) return;
        await tx.model.create({ data: { ...key, card: toJson(card) as Prisma.InputJsonValue } });
        trail.add('model.registered', 'model', name, { version, hash, card: toJson(card) });
      });
    },

    async list() {
      const rows = await db.read((prisma) => prisma.model.findMany({ orderBy: { id: 'desc' } }));
      return rows.map(modelRow);
    },

    async find(name, hash) {
      const where = { name, ...(hash === undefined ? {} : { hash }) };
      const row = await db.read((prisma) =>
        prisma.model.findFirst({ where, orderBy: { id: 'desc' } }),
      );
      return row === null ? null : modelRow(row);
    },

    async cardsOf(jobs) {
      const hashes = jobs.flatMap(({ modelHash }) => (modelHash === null ? [] : [modelHash]));
      const where = { hash: { in: [...new Set(hashes)] } };
      const rows = await db.read((prisma) => prisma.model.findMany({ where }));
      return rows.map((row) => modelRow(row).card);
    },
  };
}

function modelRow({ name, version, hash, card, createdAt }: Model): ModelRow {
  return { name, version, hash, card: card as unknown as ModelCard, createdAt };
}
