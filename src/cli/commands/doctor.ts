import { statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import { openArchives } from '../../archives.ts';
import { loadRules, loadSequences, loadStructures, type SitusConfig } from '../../config/index.ts';
import { asSitusError } from '../../contracts/index.ts';
import { checkServedModel } from '../../kserve.ts';
import { createModelStore } from '../../models.ts';
import { chooseDevice, verifyModel } from '../../segmentation/index.ts';
import { findTool } from '../../second-opinion.ts';
import { VERSION } from '../../version.ts';
import { describeDevice } from '../../work-device.ts';
import { loadConfig, withConnection, withRecords, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { exitCodeOf, print } from '../output.ts';
import { examplesJudged, fileJudged } from './doctor-dicom.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  readonly next: string | null;
  readonly exitCode: number;
}

interface DoctorOptions extends ConnectOptions {
  readonly dicom?: readonly string[];
}

const NOT_INSTALLED = 'not installed (optional: a second opinion on results)';
const SPARE_GIB = 5;
type Segmentation = SitusConfig['segmentation'];

export function register(program: Command): void {
  withConnection(program.command('doctor'))
    .description('check configuration, models, device, disk, database and every archive')
    .option('--dicom <FILE...>', 'ask dciodvfy about these DICOM files, and look at nothing else')
    .addHelpText('after', '\nThe exit code is that of the first check that fails.')
    .action(async (options: DoctorOptions, command: Command) => {
      const checks = await examine(options);
      print(wantsJson(command), { version: VERSION, checks }, () => [
        `Situs ${VERSION}, Node ${process.versions.node}`,
        ...checks.flatMap((check) => [
          `${check.ok ? 'ok  ' : 'FAIL'}  ${check.name}: ${check.message}`,
          ...(check.next === null ? [] : [`      next: ${check.next}`]),
        ]),
      ]);
      process.exitCode = checks.find((check) => !check.ok)?.exitCode ?? 0;
    });
}

async function examine(options: DoctorOptions): Promise<Check[]> {
  const checks: Check[] = [];
  const check = async (name: string, look: () => Promise<string>): Promise<void> => {
    try {
      checks.push({ name, ok: true, message: await look(), next: null, exitCode: 0 });
    } catch (thrown) {
      const error = asSitusError(thrown);
      checks.push({
        name,
        ok: false,
        message: `${error.code}: ${error.message}`,
        next: error.next,
        exitCode: exitCodeOf(error),
      });
    }
  };

  if (options.dicom !== undefined) {
    for (const path of options.dicom) await check(path, () => fileJudged(path));
    return checks;
  }

  await check('configuration', async () => {
    const { files } = await loadConfig(options);
    const rules = await loadRules(files.rules);
    await loadSequences(files.sequences);
    await loadStructures(files.structures, files.ownStructures);
    return `valid, ${rules.value.rules.length} rules`;
  });
  if (checks.some((one) => !one.ok)) return checks;

  const config = await loadConfig(options);
  for (const model of await createModelStore(config.models.folder).list()) {
    await check(`model ${model.name ?? model.directory}`, async () => {
      const report = await verifyModel(model.directory);
      if (!report.ok) throw new Error('files are not those that were imported');
      return `intact, hash ${report.hash ?? ''}`;
    });
  }
  await check('device', () => deviceForWork(config.segmentation));
  if (config.segmentation.device === 'kserve') {
    const { rules } = (await loadRules(config.files.rules)).value;
    for (const name of new Set(rules.flatMap(({ segment }) => segment?.model ?? []))) {
      await check(`inference server, model ${name}`, async () =>
        checkServedModel(config, await createModelStore(config.models.folder).get(name)),
      );
    }
  }
  await check('work folder', () => freeSpace(config.workFolder));
  await check('database', () =>
    withRecords(options, async (records) => {
      const info = await records.databaseInfo();
      return `${info.server}, ${info.studies} studies, ${info.auditEvents} audit events, clock differs by ${info.clockSkewMs} ms`;
    }),
  );
  const archives = openArchives(config);
  for (const { name } of config.archives) {
    await check(`archive ${name}`, async () => {
      await archives.get(name).ping();
      const probe = await archives.get(name).probe();
      return `${probe.server ?? 'answers'}, a search took ${Math.round(probe.searchMs ?? 0)} ms, ${probe.changeFeed ? 'tells of changes' : 'polled'}`;
    });
  }
  await archives.close();
  await check('dciodvfy', async () => {
    const { structures, ownStructures } = config.files;
    return examplesJudged((await loadStructures(structures, ownStructures)).value);
  });
  await check('dsrdump', async () => (await findTool('dsrdump')) ?? NOT_INSTALLED);
  return checks;
}

/** What jobs of this host would run on, and what was looked at before. */
async function deviceForWork({ device, gpu, allowCpuFallback }: Segmentation): Promise<string> {
  const choice = await chooseDevice({ device, deviceId: gpu.id, allowCpuFallback });
  const looked = choice.reports
    .filter((report) => report.device !== choice.device)
    .map((report) => `; ${describeDevice(report)}`);
  return `${device === choice.device ? choice.device : `${device}: ${choice.device}`}${looked.join('')}`;
}

async function freeSpace(folder: string): Promise<string> {
  let path = folder;
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(path);
      const gib = (bavail * bsize) / 2 ** 30;
      return `${folder}, ${gib.toFixed(1)} GiB free${gib < SPARE_GIB ? ' (that is little)' : ''}`;
    } catch (error) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      if (parent === '' || parent === path) throw error;
      path = parent;
    }
  }
}
