import { refuse } from '../../contracts/index.ts';
import { dropAliases } from './aliases.ts';
import type { ByteSource } from './byte-source.ts';
import { TensorRef } from './pickle-values.ts';
import { unpickle } from './pickle.ts';
import type { Tensor } from './tensors.ts';
import { toTensor } from './tensors.ts';
import type { ZipEntry } from './zip.ts';
import { CHECKPOINT_LIMITS, readEntry, readZip } from './zip.ts';

/** What inference needs of an nnU-Net checkpoint (nnunet-inference §5.2). */
export interface Checkpoint {
  readonly configuration: string;
  readonly trainer: string;
  /** Axes that test-time mirroring may use; empty when the checkpoint forbids it. */
  readonly mirrorAxes: readonly number[];
  /** Without aliases; names as in nnunet-inference §5.3. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * How often a file may be read over: an alias with a storage of its own and its target are read to compare them. More is
 * asked for only by thousands of tensors that all look at one large storage.
 */
const READS_OF_FILE = 4;

/**
 * Reads a `checkpoint_*.pth` that nnU-Net's `save_checkpoint` wrote, running none of its code.
 * Optimizer state and logs are skipped without being read.
 * @throws SitusError `ZIP_*` or `CHECKPOINT_*`.
 */
export function readCheckpoint(source: ByteSource): Checkpoint {
  const entries = readZip(source, CHECKPOINT_LIMITS);
  const root = rootFolder(source, entries);
  requireLittleEndian(source, entries, root);
  const pickle = readEntry(source, requireEntry(source, entries, `${root}/data.pkl`));
  const content = unpickle(pickle);
  if (!(content instanceof Map)) throw missing(source, 'a dictionary at its top');
  const top = content as Map<unknown, unknown>;

  const refs = weightRefs(source, top.get('network_weights'));
  let bytesLeft = READS_OF_FILE * source.size;
  const read = (name: string, ref: TensorRef): Tensor => {
    const entry = requireEntry(source, entries, `${root}/data/${ref.storage.key}`);
    bytesLeft -= entry.size;
    if (bytesLeft < 0) throw tooOften(source);
    return toTensor(name, ref, readEntry(source, entry));
  };
  const canonical = dropAliases(refs, (a, b) => sameValues(read('alias', a), read('alias', b)));
  const weights = new Map([...canonical].map(([name, ref]) => [name, read(name, ref)]));

  const init = top.get('init_args');
  const configuration =
    init instanceof Map ? (init as Map<unknown, unknown>).get('configuration') : null;
  const trainer = top.get('trainer_name');
  if (typeof configuration !== 'string') throw missing(source, 'init_args.configuration');
  if (typeof trainer !== 'string') throw missing(source, 'trainer_name');
  return {
    configuration,
    trainer,
    mirrorAxes: mirrorAxes(source, top.get('inference_allowed_mirroring_axes')),
    weights,
  };
}

function rootFolder(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>): string {
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [first, second] = pickles;
  if (first === undefined || second !== undefined) throw missing(source, 'exactly one data.pkl');
  return first.slice(0, -'/data.pkl'.length);
}

function requireLittleEndian(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  root: string,
): void {
  const entry = entries.get(`${root}/byteorder`);
  if (entry === undefined) return;
  if (entry.size > 16 || new TextDecoder().decode(readEntry(source, entry)).trim() !== 'little') {
    throw missing(source, 'little-endian numbers');
  }
}

function requireEntry(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  name: string,
): ZipEntry {
  const entry = entries.get(name);
  if (entry === undefined) throw missing(source, `the entry "${name}"`);
  return entry;
}

function weightRefs(source: ByteSource, value: unknown): Map<string, TensorRef> {
  if (!(value instanceof Map) || value.size === 0) throw missing(source, 'network_weights');
  const refs = new Map<string, TensorRef>();
  for (const [name, ref] of value as Map<unknown, unknown>) {
    if (typeof name !== 'string' || !(ref instanceof TensorRef)) {
      throw missing(source, 'tensors by name in network_weights');
    }
    refs.set(name, ref);
  }
  return refs;
}

function mirrorAxes(source: ByteSource, value: unknown): number[] {
  if (value === null || value === undefined) return [];
  const axes: unknown[] = Array.isArray(value) ? value : [Number.NaN];
  const numbers = axes.filter((axis) => axis === 0 || axis === 1 || axis === 2);
  if (numbers.length !== axes.length || new Set(numbers).size !== axes.length) {
    throw missing(source, 'mirroring axes out of 0, 1 and 2');
  }
  return numbers.sort((a, b) => a - b);
}

function sameValues(a: Tensor, b: Tensor): boolean {
  return (
    a.shape.join() === b.shape.join() && a.values.every((value, i) => Object.is(value, b.values[i]))
  );
}

function tooOften(source: ByteSource): Error {
  return refuse(
    'CHECKPOINT_TOO_LARGE',
    `${source.name} is refused: its tensors share numbers, so that together they are far larger than the file.`,
    'Check where the file comes from; a checkpoint of nnU-Net holds every tensor once.',
    { file: source.name },
  );
}

function missing(source: ByteSource, what: string): Error {
  return refuse(
    'CHECKPOINT_INCOMPLETE',
    `${source.name} is no checkpoint of an nnU-Net v2 trainer: it lacks ${what}.`,
    'Give the folder that nnU-Net wrote during training, with fold_N/checkpoint_final.pth.',
    { file: source.name },
  );
}
