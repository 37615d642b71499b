import { keyOf, type FoundFiles, type LabelFile } from './files.ts';
import type { CaseRow } from './cases-file.ts';

export interface CasePair {
  readonly case: string;
  readonly scanType: string;
  readonly group: string;
  readonly reference: LabelFile;
  readonly prediction: LabelFile;
}

export interface Pairing {
  readonly pairs: readonly CasePair[];
  /** Label files without a partner. */
  readonly unpaired: readonly {
    readonly side: 'reference' | 'prediction';
    readonly path: string;
  }[];
}

/** Scan type of cases that nothing says more about. */
const ONE_TYPE = 'scan';

/**
 * Pairs label files by folders and name, and those that are left by name alone where it is unique on
 * both sides. Scan type and group come from the table of cases, else from the first and second folder.
 */
export function pairFiles(
  reference: FoundFiles,
  prediction: FoundFiles,
  table: ReadonlyMap<string, CaseRow> | null,
): Pairing {
  const byKey = new Map(prediction.files.map((file) => [keyOf(file), file]));
  const taken = new Set<LabelFile>();
  const partners = new Map<LabelFile, LabelFile>();
  for (const file of reference.files) {
    const partner = byKey.get(keyOf(file));
    if (partner === undefined) continue;
    partners.set(file, partner);
    taken.add(partner);
  }
  const alone = reference.files.filter((file) => !partners.has(file));
  const left = prediction.files.filter((file) => !taken.has(file));
  for (const file of alone) {
    const [partner, another] = left.filter((one) => one.name === file.name);
    const unique = alone.filter((one) => one.name === file.name).length === 1;
    if (partner === undefined || another !== undefined || !unique) continue;
    partners.set(file, partner);
    taken.add(partner);
  }
  const pairs = [...partners].map(([file, partner]) => {
    const levels = file.levels.length >= partner.levels.length ? file.levels : partner.levels;
    const key = [...levels, file.name].join('/');
    const row = table?.get(key) ?? table?.get(file.name);
    return {
      case: key,
      scanType: row?.scanType ?? levels[0] ?? ONE_TYPE,
      group: row?.group ?? levels[1] ?? '',
      reference: file,
      prediction: partner,
    };
  });
  return {
    pairs: pairs.sort((a, b) => (a.case < b.case ? -1 : 1)),
    unpaired: [
      ...alone
        .filter((file) => !partners.has(file))
        .map(({ path }) => ({ side: 'reference' as const, path })),
      ...prediction.files
        .filter((file) => !taken.has(file))
        .map(({ path }) => ({ side: 'prediction' as const, path })),
    ],
  };
}
