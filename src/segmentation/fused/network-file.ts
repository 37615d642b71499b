import { basename } from 'node:path';
import { fault } from '../../contracts/index.ts';
import type { ElementType } from '../onnx/graph.ts';
import { ELEMENT } from '../onnx/graph.ts';
import { ProtoReader, type ProtoField } from './proto-reader.ts';

/** A node as it stands in the file; attributes are kept as bytes. */
export interface NetworkNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly Uint8Array[];
}

/** Weights or a constant: where its bytes lie in the file. */
export interface NetworkTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** The graph of one fold's network, as our own writer made it (onnx/unet.ts). */
export interface NetworkFile {
  readonly path: string;
  /** Name of the file in the model folder. */
  readonly file: string;
  readonly nodes: readonly NetworkNode[];
  readonly tensors: ReadonlyMap<string, NetworkTensor>;
}

/**
 * Reads a network's graph, not its weights.
 * @throws SitusError `NETWORK_NOT_LOADED` for files that are not as the importer writes them.
 */
export function readNetworkFile(path: string): NetworkFile {
  const file = basename(path);
  const reader = new ProtoReader(path, file);
  try {
    const nodes: NetworkNode[] = [];
    const tensors = new Map<string, NetworkTensor>();
    for (const part of reader.fields(0, reader.size)) {
      if (part.field !== 7) continue;
      for (const inner of reader.fields(part.offset, part.offset + part.length)) {
        if (inner.field === 1) nodes.push(readNode(reader, inner));
        if (inner.field === 5) {
          const tensor = readTensor(reader, inner);
          tensors.set(tensor.name, tensor);
        }
      }
    }
    if (nodes.length === 0) {
      throw fault('NETWORK_NOT_LOADED', `The network ${file} has no nodes.`);
    }
    return { path, file, nodes, tensors };
  } finally {
    reader.close();
  }
}

/** The bytes of some tensors of a network. */
export function readTensorBytes(
  network: NetworkFile,
  tensors: readonly NetworkTensor[],
): Uint8Array<ArrayBuffer>[] {
  const reader = new ProtoReader(network.path, network.file);
  try {
    return tensors.map(({ offset, length }) => reader.bytes(offset, length));
  } finally {
    reader.close();
  }
}

function readNode(reader: ProtoReader, { offset, length }: ProtoField): NetworkNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  let operator = '';
  for (const field of reader.fields(offset, offset + length)) {
    if (field.field === 1) inputs.push(reader.text(field));
    if (field.field === 2) outputs.push(reader.text(field));
    if (field.field === 4) operator = reader.text(field);
    if (field.field === 5) attributes.push(reader.bytes(field.offset, field.length));
  }
  return { operator, inputs, outputs, attributes };
}

function readTensor(reader: ProtoReader, { offset, length }: ProtoField): NetworkTensor {
  let name = '';
  let code = 0;
  let shape: number[] = [];
  let raw: ProtoField | null = null;
  for (const field of reader.fields(offset, offset + length)) {
    if (field.field === 1) shape = reader.packed(field);
    if (field.field === 2) code = Number(field.value);
    if (field.field === 8) name = reader.text(field);
    if (field.field === 9) raw = field;
  }
  const type = elementType(code);
  if (raw === null || type === null) {
    throw fault('NETWORK_NOT_LOADED', `The network's weights "${name}" are not as they should be.`);
  }
  return { name, type, shape, offset: raw.offset, length: raw.length };
}

function elementType(code: number): ElementType | null {
  for (const [type, value] of Object.entries(ELEMENT)) {
    if (value === code) return type as ElementType;
  }
  return null;
}
