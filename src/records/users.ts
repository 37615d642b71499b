import { SitusError, refuse } from '../contracts/index.ts';
import type { Db, Tx } from './client.ts';
import type { UserRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import type { Role, SessionUser, UserRow } from './kinds.ts';
import { checkPassword, hashPassword, newToken, tokenHash } from './secrets.ts';

const MIN_PASSWORD = 12;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;

type User = Prisma.UserGetPayload<object>;

/** People, and how they prove who they are. Passwords and tokens are kept as hashes only. */
export function userRecords(db: Db): UserRecords {
  return {
    ...accounts(db),
    ...signIns(db),
    ...apiTokens(db),
  };
}

function accounts(
  db: Db,
): Pick<
  UserRecords,
  'createUser' | 'users' | 'setRole' | 'setDisabled' | 'setPassword' | 'verifyPassword'
> {
  return {
    async createUser(actor, name, role) {
      if (!NAME.test(name)) {
        throw usage(
          'BAD_USER_NAME',
          `"${name}" is no user name.`,
          'Use 1 to 64 letters, digits, ".", "_", "@" or "-", beginning with a letter or digit.',
        );
      }
      return db.write(actor, async (tx, trail) => {
        if ((await tx.user.findUnique({ where: { name } })) !== null) {
          throw usage('USER_EXISTS', `There is a user ${name} already.`, 'Choose another name.');
        }
        const user = await tx.user.create({ data: { name, role } });
        trail.add('user.created', 'user', name, { role });
        return userRow(user);
      });
    },

    async users() {
      const rows = await db.read((prisma) => prisma.user.findMany({ orderBy: { name: 'asc' } }));
      return rows.map(userRow);
    },

    async setRole(actor, name, role) {
      await db.write(actor, async (tx, trail) => {
        const before = await findUser(tx, name);
        await tx.user.update({ where: { name }, data: { role } });
        trail.add('user.role-changed', 'user', name, { from: before.role, to: role });
      });
    },

    async setDisabled(actor, name, disabled) {
      await db.write(actor, async (tx, trail) => {
        const { id } = await findUser(tx, name);
        const now = new Date();
        await tx.user.update({ where: { id }, data: { disabledAt: disabled ? now : null } });
        if (disabled) {
          await tx.session.updateMany({
            where: { userId: id, endedAt: null },
            data: { endedAt: now },
          });
          await tx.apiToken.updateMany({
            where: { userId: id, revokedAt: null },
            data: { revokedAt: now },
          });
          await tx.signInLink.updateMany({
            where: { userId: id, usedAt: null },
            data: { usedAt: now },
          });
        }
        trail.add(disabled ? 'user.disabled' : 'user.enabled', 'user', name);
      });
    },

    async setPassword(actor, name, password) {
      if (password.length < MIN_PASSWORD || password.length > 1024) {
        throw usage(
          'PASSWORD_TOO_SHORT',
          `A password has ${MIN_PASSWORD} to 1024 characters.`,
          'Choose a longer one; several words are easy to remember.',
        );
      }
      const passwordHash = await hashPassword(password);
      await db.write(actor, async (tx, trail) => {
        const { id } = await findUser(tx, name);
        await tx.user.update({ where: { id }, data: { passwordHash } });
        trail.add('user.password-set', 'user', name);
      });
    },

    async verifyPassword(actor, name, password) {
      const user = await db.read((prisma) => prisma.user.findUnique({ where: { name } }));
      const right = await checkPassword(password.slice(0, 1024), user?.passwordHash ?? null);
      const accepted = right && user !== null && user.disabledAt === null;
      await db.write(actor, (_tx, trail) => {
        trail.add(accepted ? 'user.signed-in' : 'user.sign-in-refused', 'user', name.slice(0, 64), {
          by: 'password',
        });
        return Promise.resolve();
      });
      return accepted ? userRow(user) : null;
    },
  };
}

function signIns(
  db: Db,
): Pick<
  UserRecords,
  'createSignInLink' | 'redeemSignInLink' | 'createSession' | 'session' | 'endSession'
> {
  return {
    async createSignInLink(actor, name, seconds) {
      const token = newToken();
      const expiresAt = inSeconds(seconds);
      await db.write(actor, async (tx, trail) => {
        const { id } = await findUser(tx, name);
        await tx.signInLink.create({
          data: { tokenSha256: tokenHash(token), userId: id, expiresAt },
        });
        trail.add('user.link-made', 'user', name, { expiresAt });
      });
      return { token, expiresAt };
    },

    async redeemSignInLink(actor, token) {
      return db.write(actor, async (tx, trail) => {
        const now = new Date();
        // One statement decides: of two browsers with the same link only one changes the row.
        const [used] = await tx.signInLink.updateManyAndReturn({
          where: {
            tokenSha256: tokenHash(token),
            usedAt: null,
            expiresAt: { gt: now },
            user: { disabledAt: null },
          },
          data: { usedAt: now },
          include: { user: true },
        });
        if (used === undefined) {
          trail.add('user.sign-in-refused', 'user', '?', { by: 'link' });
          return null;
        }
        trail.add('user.signed-in', 'user', used.user.name, { by: 'link' });
        return userRow(used.user);
      });
    },

    async createSession(actor, name, seconds) {
      const token = newToken();
      const expiresAt = inSeconds(seconds);
      await db.write(actor, async (tx, trail) => {
        const { id } = await findUser(tx, name);
        await tx.session.create({ data: { tokenSha256: tokenHash(token), userId: id, expiresAt } });
        trail.add('session.begun', 'user', name, { expiresAt });
      });
      return { token, expiresAt };
    },

    async session(token) {
      const row = await db.read((prisma) =>
        prisma.session.findUnique({
          where: {
            tokenSha256: tokenHash(token),
            endedAt: null,
            expiresAt: { gt: new Date() },
            user: { disabledAt: null },
          },
          include: { user: true },
        }),
      );
      return row === null ? null : sessionUser(row.user, row.expiresAt);
    },

    async endSession(actor, token) {
      await db.write(actor, async (tx, trail) => {
        const [ended] = await tx.session.updateManyAndReturn({
          where: { tokenSha256: tokenHash(token), endedAt: null },
          data: { endedAt: new Date() },
          include: { user: true },
        });
        if (ended !== undefined) trail.add('session.ended', 'user', ended.user.name);
      });
    },
  };
}

function apiTokens(
  db: Db,
): Pick<UserRecords, 'createApiToken' | 'apiToken' | 'apiTokens' | 'revokeApiToken'> {
  return {
    async createApiToken(actor, user, tokenName, seconds) {
      const token = newToken();
      const expiresAt = seconds === null ? null : inSeconds(seconds);
      return db.write(actor, async (tx, trail) => {
        const { id: userId } = await findUser(tx, user);
        const { id } = await tx.apiToken.create({
          data: { tokenSha256: tokenHash(token), name: tokenName, userId, expiresAt },
        });
        trail.add('token.made', 'user', user, { id, name: tokenName, expiresAt });
        return { token, id: id.toString(), expiresAt };
      });
    },

    async apiToken(token) {
      const row = await db.read((prisma) =>
        prisma.apiToken.findUnique({
          where: {
            tokenSha256: tokenHash(token),
            revokedAt: null,
            OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
            user: { disabledAt: null },
          },
          include: { user: true },
        }),
      );
      return row === null ? null : sessionUser(row.user, row.expiresAt);
    },

    async apiTokens() {
      const rows = await db.read((prisma) =>
        prisma.apiToken.findMany({ orderBy: { id: 'asc' }, include: { user: true } }),
      );
      return rows.map((row) => ({
        id: row.id.toString(),
        name: row.name,
        user: row.user.name,
        createdAt: row.createdAt,
        expiresAt: row.expiresAt,
        revokedAt: row.revokedAt,
      }));
    },

    async revokeApiToken(actor, id) {
      await db.write(actor, async (tx, trail) => {
        const [revoked] = /^\d{1,18}$/.test(id)
          ? await tx.apiToken.updateManyAndReturn({
              where: { id: BigInt(id), revokedAt: null },
              data: { revokedAt: new Date() },
              include: { user: true },
            })
          : [];
        if (revoked === undefined) {
          throw refuse('UNKNOWN_TOKEN', `There is no valid token ${id}.`, 'List the tokens first.');
        }
        trail.add('token.revoked', 'user', revoked.user.name, { id, name: revoked.name });
      });
    },
  };
}

async function findUser(tx: Tx, name: string): Promise<User> {
  const user = await tx.user.findUnique({ where: { name } });
  if (user !== null) return user;
  throw refuse('UNKNOWN_USER', `There is no user ${name}.`, 'List the users first.');
}

function userRow(user: User): UserRow {
  return {
    name: user.name,
    role: user.role as Role,
    hasPassword: user.passwordHash !== null,
    disabledAt: user.disabledAt,
    createdAt: user.createdAt,
  };
}

function sessionUser(user: User, expiresAt: Date | null): SessionUser {
  return { name: user.name, role: user.role as Role, expiresAt };
}

function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

function usage(code: string, message: string, next: string): SitusError {
  return new SitusError({ code, message, next, errorClass: 'usage', origin: 'input' });
}
