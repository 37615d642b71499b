import type { Db } from './client.ts';
import type { ModelRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { toJson } from './json.ts';
import type { Json } from './types.ts';

/** The models that jobs have been run with, with their cards. */
export function modelRecords(db: Db): ModelRecords {
  return {
    async register(actor, { name, version, hash, card }) {
      await db.write(actor, async (tx, trail) => {
        const key = { name, version, hash };
        const known = await tx.model.findUnique({ where: { name_version_hash: key } });
        if (known !== null) return;
        await tx.model.create({ data: { ...key, card: toJson(card) as Prisma.InputJsonValue } });
        trail.add('model.registered', 'model', name, { version, hash, card });
      });
    },

    async list() {
      const rows = await db.read((prisma) => prisma.model.findMany({ orderBy: { id: 'desc' } }));
      return rows.map(({ name, version, hash, card, createdAt }) => ({
        name,
        version,
        hash,
        card: card as Json,
        createdAt,
      }));
    },
  };
}
