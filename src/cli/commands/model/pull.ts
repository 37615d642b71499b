import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import {
  loadModelSources,
  loadStructures,
  loadStructureTable,
  type ModelSource,
} from '../../../config/index.ts';
import { exists } from '../../../exists.ts';
import { pinLines, pullModel, type Pulled } from '../../../model-pull.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { ctrlC } from '../../ctrl-c.ts';
import { wantsJson } from '../../json.ts';
import { print, table } from '../../output.ts';
import { createProgress } from '../../progress.ts';

interface PullFlags extends ConnectOptions {
  readonly name?: string;
  readonly out?: string;
  readonly sha256?: string;
  readonly structures?: string;
  readonly allowUncoded?: boolean;
}

export function registerPull(model: Command): void {
  model
    .command('pull')
    .argument('[NAME|ADDRESS]', 'a known model, or the https address of a zip of an nnU-Net folder')
    .description(
      'download a model, check its hash and import it; without a name: list what is known',
    )
    .option('--name <NAME>', 'name in rules and results; needed with an address')
    .option('--out <MODEL>', 'model folder to make (default: in the configured models folder)')
    .option('--sha256 <HASH>', 'hash that the archive must have', hash)
    .option('--structures <FILE>', 'table of what the labels stand for (docs/models.md)')
    .option('--allow-uncoded', 'take a model whose structures have no codes; no SEG or SR for it')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  npx situs model pull mrsegmentator\n' +
        '  npx situs model pull https://models.example.org/ours.zip --name ours --sha256 HASH\n\n' +
        'A download that was stopped goes on when it is pulled again. Proxies: HTTPS_PROXY, NO_PROXY.',
    )
    .action(async (wanted: string | undefined, flags: PullFlags, command: Command) => {
      const config = await loadConfig(flags);
      const sources = await loadModelSources(config);
      if (wanted === undefined) {
        await printSources(sources, config.models.folder, wantsJson(command));
        return;
      }
      const { files, models } = config;
      const known = (await loadStructures(files.structures, files.ownStructures)).value;
      const progress = createProgress();
      try {
        const pulled = await pullModel({
          wanted,
          sources,
          name: flags.name,
          out: flags.out,
          sha256: flags.sha256,
          folder: models.folder,
          downloads: models.downloads,
          downloadLimit: models.downloadLimit,
          structures: flags.allowUncoded === true ? null : known,
          table:
            flags.structures === undefined
              ? undefined
              : await loadStructureTable(flags.structures, known),
          signal: ctrlC(),
          onProgress: (text) => progress.update(text),
        });
        progress.end();
        printPulled(pulled, wantsJson(command));
      } finally {
        progress.end();
      }
    });
}

function printPulled(pulled: Pulled, json: boolean): void {
  const { kind, model, sha256, pinned, notes } = pulled;
  const { name, version, hash, folds, structures, manifest } = model;
  const value = {
    kind,
    name,
    version,
    hash,
    folds,
    structures,
    licence: manifest.licence,
    archive: { address: pulled.address, sha256, pinned },
    weightsVersion: manifest.source.weightsVersion ?? null,
    folder: model.directory,
    notes,
  };
  print(json, value, () => [
    ...(kind === 'there' ? [`${name} is there already, and intact.`] : []),
    `${name} ${version}: ${folds.length} folds, ${Object.keys(structures).length} structures, licence ${manifest.licence}`,
    `hash     ${hash}`,
    `archive  ${sha256}${pinned ? ' (as pinned)' : ''}`,
    `folder   ${model.directory}`,
    ...notes.map((note) => `note     ${note}`),
    ...(pinned
      ? []
      : [
          '',
          'No hash was known for this archive. Compare the one above with what its makers publish; to accept',
          'nothing else from now on, pin it in situs.yaml:',
          '',
          ...pinLines(pulled),
        ]),
  ]);
}

async function printSources(
  sources: Readonly<Record<string, ModelSource>>,
  folder: string,
  json: boolean,
): Promise<void> {
  const rows = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => ({
      name,
      version: source.version ?? null,
      licence: source.licence,
      pinned: source.sha256 !== undefined,
      there: await exists(join(folder, name, 'model.json')),
      address: source.address,
      intendedUse: source.intendedUse,
      doi: source.doi ?? null,
    })),
  );
  print(json, rows, () =>
    table(
      ['name', 'version', 'licence', 'pinned', 'there', 'address'],
      rows.map((row) => [
        row.name,
        row.version ?? '?',
        row.licence,
        row.pinned ? 'yes' : 'no',
        row.there ? 'yes' : 'no',
        row.address,
      ]),
    ),
  );
}

function hash(text: string): string {
  const lower = text.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(lower)) throw new InvalidArgumentError('Not 64 hexadecimal digits.');
  return lower;
}
