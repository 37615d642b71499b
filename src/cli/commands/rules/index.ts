import type { Command } from 'commander';
import { registerVersions } from '../../config-versions.ts';
import { registerCheck } from './check.ts';
import { registerExplain } from './explain.ts';
import { registerInbox } from './inbox.ts';
import { registerReplay } from './replay.ts';

/** `situs rules`: a file a subcommand. */
export function register(program: Command): void {
  const rules = program.command('rules').description('the routing rules in config/');
  registerCheck(rules);
  registerExplain(rules);
  registerReplay(rules);
  registerInbox(rules);
  registerVersions(rules, 'rules');
}
