import { InvalidArgumentError, type Command } from 'commander';
import { cliActor, withConnection, withRecords, type ConnectOptions } from './connect.ts';
import { wantsJson } from './json.ts';
import { print, table } from './output.ts';

const DAY_SECONDS = 86_400;

interface TokenOptions extends ConnectOptions {
  readonly for: string;
  readonly days?: number;
}

/** `situs user token …`: API tokens, with which programs ask as a user does. */
export function registerTokens(user: Command): void {
  const token = user.command('token').description('API tokens, with which programs ask as a user');

  withConnection(token.command('add'))
    .argument('<NAME>', 'the user whose role the token has')
    .requiredOption('--for <WHAT>', 'what it is used for, to tell tokens apart')
    .option('--days <N>', 'ends after so many days (default: when revoked)', days)
    .description('a new token, shown this once; send it as "Authorization: Bearer TOKEN"')
    .action(async (name: string, options: TokenOptions, command: Command) => {
      const seconds = options.days === undefined ? null : options.days * DAY_SECONDS;
      await withRecords(options, async (records) => {
        const made = await records.users.createApiToken(cliActor(), name, options.for, seconds);
        print(wantsJson(command), made, () => [made.token]);
      });
    });

  withConnection(token.command('list'))
    .description('tokens with their users, never the tokens themselves')
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

  withConnection(token.command('revoke'))
    .argument('<ID>', 'as the list shows it')
    .description('the token ends now')
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

function days(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 3650) return value;
  throw new InvalidArgumentError(`"${text}" is not a whole number from 1 to 3650.`);
}
