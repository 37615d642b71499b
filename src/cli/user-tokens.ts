import type { Command } from 'commander';
import { cliActor, withConnection, withRecords, type ConnectOptions } from './connect.ts';
import { wantsJson } from './json.ts';
import { print, table } from './output.ts';

/** `situs user tokens` and `revoke`: what became of the tokens that `situs user token` made. */
export function registerTokens(user: Command): void {
  withConnection(user.command('tokens'))
    .description('API tokens with their users, never the tokens themselves')
    .action(async (options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records) => {
        const tokens = await records.users.apiTokens();
        print(wantsJson(command), tokens, () =>
          table(
            ['id', 'user', 'for', 'made', 'state'],
            tokens.map((one) => [
              one.id,
              one.user,
              one.name,
              one.createdAt.toISOString().slice(0, 10),
              stateOf(one),
            ]),
          ),
        );
      });
    });

  withConnection(user.command('revoke'))
    .argument('<ID>', 'of an API token, as "situs user tokens" shows it')
    .description('end an API token now')
    .action(async (id: string, options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records) => {
        await records.users.revokeApiToken(cliActor(), id);
        print(wantsJson(command), { id }, () => [`token ${id} is revoked`]);
      });
    });
}

function stateOf(token: { readonly revokedAt: Date | null; readonly expiresAt: Date | null }) {
  if (token.revokedAt !== null) return 'revoked';
  if (token.expiresAt === null) return 'valid until revoked';
  const day = token.expiresAt.toISOString().slice(0, 10);
  return token.expiresAt <= new Date() ? `ended ${day}` : `valid until ${day}`;
}
