import type { Command } from 'commander';
import { registerExportTriton } from './export-triton.ts';
import { registerImport } from './import.ts';
import { registerList } from './list.ts';
import { registerVerify } from './verify.ts';

/** `situs model`: a file a subcommand. */
export function register(program: Command): void {
  const model = program.command('model').description('the models that segment');
  registerImport(model);
  registerList(model);
  registerVerify(model);
  registerExportTriton(model);
}
