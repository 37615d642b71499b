import { readFileSync, readdirSync } from 'node:fs';
import { SitusError } from '../../../src/contracts/index.ts';
import {
  buildVolume,
  decodeFrame,
  pixelFormatOf,
  readInstance,
  seriesHeaders,
} from '../../../src/imaging/index.ts';
import { makeSeries, TRANSFER_SYNTAX } from '../dicom.ts';
import { DAMAGES, randomOf } from './damage.ts';

/** What the process tells of one damaged input. */
export interface DamageReport {
  readonly case: number;
  readonly what: string;
  /** `result`, the code of a refusal, or what went wrong otherwise. */
  readonly outcome: string;
  readonly proper: boolean;
  readonly milliseconds: number;
}

/**
 * Reads `count` damaged series one after the other and reports each, in a process of its own so that a
 * hang or a crash is seen from outside. Arguments: first case, count.
 */
const [first = 0, count = 0] = process.argv.slice(2).map(Number);

const inputs: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ...Object.entries(TRANSFER_SYNTAX).map(
    ([name, transferSyntax]) =>
      [name, makeSeries({ slices: 3, rows: 6, columns: 5, transferSyntax })] as const,
  ),
  ['enhanced', makeSeries({ enhanced: true, slices: 3, rows: 4, columns: 4 })] as const,
  [
    'two echoes',
    makeSeries({ slices: 3, rows: 4, columns: 4, stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }] }),
  ] as const,
  ['CT', makeSeries({ modality: 'CT', slices: 3, rows: 4, columns: 4 })] as const,
].map(([name, series]) => [name, series.instances.map(({ bytes }) => bytes)]);

const goldens = new URL('../../imaging/goldens/', import.meta.url);
const encoded: readonly (readonly [string, readonly Uint8Array[]])[] = readdirSync(goldens)
  .filter((name) => name.endsWith('.dcm'))
  .sort()
  .map((name) => [name, [Uint8Array.from(readFileSync(new URL(name, goldens)))]]);

const all = [...inputs, ...encoded];
const damages = Object.entries(DAMAGES);
const stranger = makeSeries({ seed: 'stranger', slices: 1, rows: 6, columns: 5 }).instances[0];

for (let number = first; number < first + count; number += 1) {
  const random = randomOf(number * 7919 + 17);
  const [name, files] = all[number % all.length] ?? ['', []];
  const [kind, damage] = damages[Math.floor(number / all.length) % damages.length] ?? [
    '',
    (given) => [...given],
  ];
  const damaged = damage(files, random);
  const mixed = random(20) === 0 && stranger !== undefined ? [...damaged, stranger.bytes] : damaged;
  const started = performance.now();
  const outcome = await outcomeOf(mixed);
  const report: DamageReport = {
    case: number,
    what: `${kind} in ${name}`,
    ...outcome,
    milliseconds: performance.now() - started,
  };
  process.send?.(report);
}
process.disconnect();

async function outcomeOf(
  files: readonly Uint8Array[],
): Promise<Pick<DamageReport, 'outcome' | 'proper'>> {
  try {
    const instances = files.map((bytes) => readInstance(bytes));
    seriesHeaders(instances.map(({ dataset }) => dataset));
    const [single] = instances;
    if (single !== undefined && files.length === 1 && isSingleFrame(single)) {
      const format = pixelFormatOf(single.dataset, { seriesInstanceUid: single.seriesInstanceUid });
      const { values } = await decodeFrame(single, format, 0);
      const whole = values.length === format.rows * format.columns;
      return { outcome: whole ? 'result' : 'a frame of another size', proper: whole };
    }
    const volume = await buildVolume(instances, null, { minimumSlices: 1 });
    const voxels = volume.shape[0] * volume.shape[1] * volume.shape[2];
    const sound =
      volume.voxels.length === voxels &&
      voxels > 0 &&
      volume.voxels.every(Number.isFinite) &&
      volume.affine.every(Number.isFinite) &&
      volume.spacing.every((millimetres) => millimetres > 0) &&
      volume.slices.length === volume.shape[0];
    return { outcome: sound ? 'result' : 'a volume that is not sound', proper: sound };
  } catch (error) {
    const typed = error instanceof SitusError && error.errorClass === 'refuse' && error.next !== '';
    return { outcome: typed ? error.code : String(error), proper: typed };
  }
}

/** The golden files of the codecs are one image each, too little for a volume. */
function isSingleFrame({ dataset }: ReturnType<typeof readInstance>): boolean {
  return dataset['52009230'] === undefined;
}
