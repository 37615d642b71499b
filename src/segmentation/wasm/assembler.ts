/**
 * A small assembler for WebAssembly: functions over one imported memory, with numbers of 32 bits and vectors of 128 bits.
 * Kernels are written as expressions (`instructions.ts`); this file turns them into the bytes of a module
 * (WebAssembly Core Specification 2.0, chapter 5, Binary Format), so that no toolchain is needed and no binary is kept.
 */
export type Kind = 'i32' | 'v128';

/** Instructions that leave one value on the stack. */
export interface Value<K extends Kind> {
  readonly kind: K;
  readonly code: readonly number[];
}
export type I32 = Value<'i32'>;
export type V128 = Value<'v128'>;

/** Instructions that leave the stack as it was. */
export interface Statement {
  readonly code: readonly number[];
}

const TYPE_CODES: Readonly<Record<Kind, number>> = { i32: 0x7f, v128: 0x7b };
const [LOCAL_GET, LOCAL_SET, LOCAL_TEE] = [0x20, 0x21, 0x22];
const [BLOCK, LOOP, BRANCH, BRANCH_IF, END, NO_RESULT] = [0x02, 0x03, 0x0c, 0x0d, 0x0b, 0x40];
const [I32_ADD, I32_GE_S] = [0x6a, 0x4e];

/** A parameter or variable; as a value it reads itself. */
export class Local<K extends Kind> implements Value<K> {
  readonly kind: K;
  readonly code: readonly number[];
  private readonly index: number;

  constructor(kind: K, index: number) {
    this.kind = kind;
    this.index = index;
    this.code = [LOCAL_GET, ...unsigned(index)];
  }

  set(value: Value<K>): Statement {
    return { code: [...value.code, LOCAL_SET, ...unsigned(this.index)] };
  }

  /** Sets it and yields the value too. */
  tee(value: Value<K>): Value<K> {
    return { kind: this.kind, code: [...value.code, LOCAL_TEE, ...unsigned(this.index)] };
  }
}

/** Hands out the variables of a function. */
export class Variables {
  readonly kinds: Kind[] = [];
  /** Sets the constants; run before the body. */
  readonly prelude: Statement[] = [];
  private readonly constants = new Map<string, V128>();
  private readonly parameters: number;

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  i32(): Local<'i32'> {
    return this.next('i32');
  }

  v128(): Local<'v128'> {
    return this.next('v128');
  }

  /** A constant that is made once, before the body: inside a loop the engine would make it every time. */
  constant(value: V128): V128 {
    const key = value.code.join();
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const local = this.v128();
    this.prelude.push(local.set(value));
    this.constants.set(key, local);
    return local;
  }

  private next<K extends Kind>(kind: K): Local<K> {
    this.kinds.push(kind);
    return new Local(kind, this.parameters + this.kinds.length - 1);
  }
}

/** A function of the module: all its parameters are i32, and so is its result if it has one. */
export interface Kernel {
  readonly name: string;
  readonly parameters: number;
  readonly variables: readonly Kind[];
  readonly body: readonly Statement[];
  readonly result?: I32;
}

/**
 * Defines a function.
 * @param names of the parameters, in order
 * @param write gets the parameters by name and the maker of variables
 */
export function kernel<Name extends string>(
  name: string,
  names: readonly Name[],
  write: (
    parameters: Readonly<Record<Name, Local<'i32'>>>,
    variables: Variables,
  ) => { readonly body: readonly Statement[]; readonly result?: I32 },
): Kernel {
  const variables = new Variables(names.length);
  const locals = Object.fromEntries(
    names.map((parameter, index) => [parameter, new Local('i32', index)]),
  ) as Record<Name, Local<'i32'>>;
  const { body: written, result } = write(locals, variables);
  const body = [...variables.prelude, ...written];
  const shape = { name, parameters: names.length, variables: variables.kinds, body };
  return result === undefined ? shape : { ...shape, result };
}

/** `for (counter = from; counter < end; counter += step) body`, signed. */
export function loop(
  counter: Local<'i32'>,
  from: I32,
  end: I32,
  step: I32,
  body: readonly Statement[],
): Statement {
  return {
    code: [
      ...counter.set(from).code,
      ...[BLOCK, NO_RESULT, LOOP, NO_RESULT],
      ...[...counter.code, ...end.code, I32_GE_S, BRANCH_IF, 1],
      ...body.flatMap(({ code }) => code),
      ...counter.set({ kind: 'i32', code: [...counter.code, ...step.code, I32_ADD] }).code,
      ...[BRANCH, 0, END, END],
    ],
  };
}

/** The module: imports `env.memory` and exports every kernel under its name. */
export function assemble(kernels: readonly Kernel[]): Uint8Array<ArrayBuffer> {
  const types = kernels.map(({ parameters, result }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [TYPE_CODES.i32])),
    ...vector(result === undefined ? [] : [[TYPE_CODES.i32]]),
  ]);
  const memoryImport = [...text('env'), ...text('memory'), 0x02, 0x00, ...unsigned(1)];
  const exports = kernels.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([memoryImport])),
    ...section(3, vector(kernels.map((_, index) => unsigned(index)))),
    ...section(7, vector(exports)),
    ...section(10, vector(kernels.map(functionBody))),
  ]);
}

function functionBody({ variables, body, result }: Kernel): number[] {
  const locals = vector(variables.map((kind) => [...unsigned(1), TYPE_CODES[kind]]));
  const code = [...body, ...(result === undefined ? [] : [result])].flatMap((part) => part.code);
  const bytes = [...locals, ...code, END];
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  return vector([...Buffer.from(value, 'utf8')].map((byte) => [byte]));
}

/** LEB128 of a number from 0 to 2³² − 1. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/** LEB128 of a number of 32 bits with sign. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}
