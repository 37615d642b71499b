import { refuse } from '../../contracts/index.ts';
import type { TensorRef } from './pickle-values.ts';

/**
 * nnU-Net's modules register the same weights under several names (nnunet-inference §5.3): every conv block
 * again as `all_modules.0` (conv) and `all_modules.1` (norm), the encoder again below `decoder.encoder`.
 * @returns the name under which the network uses the weights; the name itself when it is no alias.
 */
export function canonicalName(name: string): string {
  const outer = name.startsWith('decoder.encoder.') ? name.slice('decoder.'.length) : name;
  return outer.replaceAll('.all_modules.0.', '.conv.').replaceAll('.all_modules.1.', '.norm.');
}

/**
 * Drops the aliases after checking that each is the same data as the name it stands for; otherwise two
 * readers of the file could run two different networks.
 * @param sameBytes compares the contents of two views that lie in different storages
 * @throws SitusError `CHECKPOINT_ALIAS_DIFFERS`, `CHECKPOINT_ALIAS_WITHOUT_TARGET`.
 */
export function dropAliases(
  refs: ReadonlyMap<string, TensorRef>,
  sameBytes: (a: TensorRef, b: TensorRef) => boolean,
): ReadonlyMap<string, TensorRef> {
  const kept = new Map<string, TensorRef>();
  for (const [name, ref] of refs) {
    const canonical = canonicalName(name);
    if (canonical === name) {
      kept.set(name, ref);
      continue;
    }
    const target = refs.get(canonical);
    if (target === undefined) {
      throw aliasError('CHECKPOINT_ALIAS_WITHOUT_TARGET', `"${name}" has no "${canonical}"`, name);
    }
    if (!sameView(ref, target) && !sameBytes(ref, target)) {
      throw aliasError(
        'CHECKPOINT_ALIAS_DIFFERS',
        `"${name}" and "${canonical}" should be the same weights but differ`,
        name,
      );
    }
  }
  return kept;
}

function sameView(a: TensorRef, b: TensorRef): boolean {
  return (
    a.storage.key === b.storage.key &&
    a.storage.dtype === b.storage.dtype &&
    a.offset === b.offset &&
    a.size.join() === b.size.join() &&
    a.stride.join() === b.stride.join()
  );
}

function aliasError(code: string, what: string, name: string): Error {
  return refuse(
    code,
    `The checkpoint contradicts itself: ${what}.`,
    'Do not use this file; get the checkpoint from its authors again.',
    { tensor: name },
  );
}
