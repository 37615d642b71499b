import type { StoreOrder } from '../contracts/index.ts';
import type { Json } from '../records/index.ts';

/**
 * What a rule orders of the results' form, for the job's `settings` and with them for its identity:
 * other structures, edges or an encoding make other objects, which need other UIDs. The defaults are
 * left out, so that jobs of earlier versions keep their identity.
 */
export function orderedOutput(store: StoreOrder): { readonly [key: string]: Json } {
  const { seg, sr, compress = false, pictures = false, structures, merge = {}, smooth = 0 } = store;
  const groups = Object.entries(merge).map(([group, members]) => [group, [...members].sort()]);
  const output: { readonly [key: string]: Json } = {
    ...(seg === 'binary' ? {} : { seg }),
    ...(sr ? {} : { sr }),
    ...(seg === 'labelmap' && compress ? { compress } : {}),
    ...(pictures ? { pictures } : {}),
    ...(structures === undefined ? {} : { structures: [...structures].sort() }),
    ...(groups.length === 0 ? {} : { merge: Object.fromEntries(groups) as Json }),
    ...(smooth === 0 ? {} : { smooth }),
  };
  return Object.keys(output).length === 0 ? {} : { output };
}
