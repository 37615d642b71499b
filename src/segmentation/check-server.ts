import { join } from 'node:path';
import type { RemoteRun } from '../contracts/index.ts';
import { connectKserve } from './engine/kserve.ts';
import type { KserveSettings, RemoteTask } from './engine/kserve-settings.ts';
import type { LoadedModel } from './model/folder.ts';

/** What the remote engine must know of the folds of a model. */
export function remoteTask(
  settings: KserveSettings,
  model: LoadedModel,
  folds: readonly LoadedModel['manifest']['folds'][number][],
): RemoteTask {
  const networks = folds.map(({ fold, file, sha256 }) => ({
    fold,
    file: join(model.directory, file),
    sha256,
    fingerprint: model.fingerprints?.[sha256] ?? null,
  }));
  return { settings, model: { name: model.name, version: model.version, networks } };
}

/**
 * Asks an inference server for all networks of a model, as before a segmentation: ready, the right tensors, the same weights.
 * @returns the server's name and version, and what was found
 * @throws SitusError `KSERVE_*`
 */
export async function checkServer(
  settings: KserveSettings,
  model: LoadedModel,
): Promise<RemoteRun & { readonly engine: string }> {
  const { plan, folds } = model.manifest;
  const engine = await connectKserve({
    task: remoteTask(settings, model, folds),
    architecture: plan.architecture,
    patch: plan.patchSize,
    threads: 1,
  });
  await engine.close();
  return { engine: engine.name, ...engine.remote };
}
