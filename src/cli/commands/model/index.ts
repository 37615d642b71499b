import type { Command } from 'commander';
import { registerExportTriton } from './export-triton.ts';
import { registerImport } from './import.ts';
import { registerList } from './list.ts';
import { registerPull } from './pull.ts';
import { registerRemove } from './remove.ts';
import { registerShow } from './show.ts';
import { registerVerify } from './verify.ts';

/** `situs model`: a file a subcommand. */
export function register(program: Command): void {
  const model = program.command('model').description('the models that segment');
  registerImport(model);
  registerPull(model);
  registerList(model);
  registerShow(model);
  registerVerify(model);
  registerRemove(model);
  registerExportTriton(model);
}
