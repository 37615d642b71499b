import { InvalidArgumentError, type Command } from 'commander';
import { createInterface } from 'node:readline';
import { SitusError } from '../../contracts/index.ts';
import { ROLES, type Role } from '../../records/index.ts';
import { positive } from '../arguments.ts';
import { cliActor, withConnection, withRecords, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { print, table } from '../output.ts';
import { registerTokens } from '../user-tokens.ts';

const LINK_SECONDS = 3600;
const TOKEN_DAYS = 365;

export function register(program: Command): void {
  const user = program.command('user').description('who may sign in to the page and the API');

  withConnection(user.command('add'))
    .argument('<NAME>', 'name to sign in with')
    .requiredOption('--role <ROLE>', `one of ${ROLES.join(', ')}`, role)
    .description('create a user; give them a password or a one-time link afterwards')
    .action(async (name: string, options: ConnectOptions & { role: Role }, command: Command) => {
      await withRecords(options, async (records) => {
        const created = await records.users.createUser(cliActor(), name, options.role);
        print(wantsJson(command), created, () => [
          `user ${name} (${options.role}) created; next: npx situs user link ${name}`,
        ]);
      });
    });

  withConnection(user.command('list'))
    .description('users with role and state')
    .action(async (options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records) => {
        const users = await records.users.users();
        print(wantsJson(command), users, () =>
          table(
            ['name', 'role', 'password', 'state'],
            users.map((one) => [
              one.name,
              one.role,
              one.hasPassword ? 'set' : 'none',
              one.disabledAt === null ? 'active' : 'disabled',
            ]),
          ),
        );
      });
    });

  withConnection(user.command('link'))
    .argument('<NAME>', 'an existing user')
    .description('a token that signs in once: open ADDRESS/sign-in?token=TOKEN within an hour')
    .action(async (name: string, options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records) => {
        const link = await records.users.createSignInLink(cliActor(), name, LINK_SECONDS);
        print(wantsJson(command), link, () => [`/sign-in?token=${link.token}`]);
      });
    });

  withConnection(user.command('token'))
    .argument('<NAME>', 'an existing user')
    .description('an API token for a program; shown once, only its hash is kept')
    .requiredOption('--name <TEXT>', 'what the token is for')
    .option('--days <N>', 'days until it expires', positive, TOKEN_DAYS)
    .action(
      async (
        name: string,
        options: ConnectOptions & { name: string; days: number },
        command: Command,
      ) => {
        await withRecords(options, async (records) => {
          const { users } = records;
          const seconds = options.days * 86_400;
          const made = await users.createApiToken(cliActor(), name, options.name, seconds);
          print(wantsJson(command), made, () => [made.token]);
        });
      },
    );

  withConnection(user.command('password'))
    .argument('<NAME>', 'an existing user')
    .description('set a password of at least 12 characters, read from standard input')
    .action(async (name: string, options: ConnectOptions, command: Command) => {
      const password = await readLine();
      await withRecords(options, async (records) => {
        await records.users.setPassword(cliActor(), name, password);
        print(wantsJson(command), { name }, () => [`the password of ${name} is set`]);
      });
    });

  for (const [verb, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    withConnection(user.command(verb))
      .argument('<NAME>', 'an existing user')
      .description(disabled ? 'end all sessions and tokens and refuse new ones' : 'let in again')
      .action(async (name: string, options: ConnectOptions, command: Command) => {
        await withRecords(options, async (records) => {
          await records.users.setDisabled(cliActor(), name, disabled);
          print(wantsJson(command), { name, disabled }, () => [`${name} is ${verb}d`]);
        });
      });
  }

  registerTokens(user);
}

async function readLine(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password (it is shown as you type): ');
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new SitusError({
    code: 'NO_PASSWORD',
    message: 'Standard input ended without a password.',
    next: 'Type one, or pipe it: printf %s "$PASSWORD" | npx situs user password NAME',
    errorClass: 'usage',
    origin: 'configuration',
  });
}

function role(text: string): Role {
  const found = ROLES.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`Known are ${ROLES.join(', ')}.`);
  return found;
}
