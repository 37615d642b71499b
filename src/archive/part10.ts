/**
 * The least reading of a Part 10 file (PS3.10 7.1): which instance it is. Everything else about it is
 * the business of `imaging`.
 */

const PREAMBLE = 128;
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
const SOP_INSTANCE_UID = 0x00080018;
const MEDIA_SOP_INSTANCE_UID = 0x00020003;
const TRANSFER_SYNTAX_UID = 0x00020010;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED_LENGTH = 0xffffffff;
/** VRs with a length of four bytes (PS3.5 7.1.2). */
const LONG_VRS = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'SV',
  'UC',
  'UN',
  'UR',
  'UT',
  'UV',
]);
const DEPTH = 16;
const UID = /^[0-9.]{1,64}$/;

/** The file is cut before its UID, or makes no sense. */
class Unreadable extends Error {}

interface Encoding {
  readonly explicit: boolean;
  readonly little: boolean;
}

interface Element {
  readonly tag: number;
  readonly length: number;
  /** Offset of the value. */
  readonly at: number;
}

/**
 * SOP Instance UID (0008,0018) of a Part 10 file, of its file meta information where the data set is
 * deflated; null when it is no Part 10 file or has no such UID.
 */
export function sopInstanceUidOf(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < PREAMBLE + 4 || textAt(view, PREAMBLE, 4) !== 'DICM') return null;
  try {
    const meta = readMeta(view);
    if (meta.transferSyntax === DEFLATED) return meta.sopInstanceUid;
    return readSopInstanceUid(view, meta.end, encodingOf(meta.transferSyntax));
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

function encodingOf(transferSyntax: string | null): Encoding {
  if (transferSyntax === IMPLICIT_LITTLE) return { explicit: false, little: true };
  return { explicit: true, little: transferSyntax !== EXPLICIT_BIG };
}

function readMeta(view: DataView) {
  const encoding = encodingOf(EXPLICIT_LITTLE);
  let transferSyntax: string | null = null;
  let sopInstanceUid: string | null = null;
  let at = PREAMBLE + 4;
  while (at < view.byteLength && uint16(view, at, true) === 0x0002) {
    const element = elementAt(view, at, encoding);
    if (element.tag === TRANSFER_SYNTAX_UID) transferSyntax = uidAt(view, element);
    if (element.tag === MEDIA_SOP_INSTANCE_UID) sopInstanceUid = uidAt(view, element);
    at = element.at + element.length;
  }
  return { transferSyntax, sopInstanceUid, end: at };
}

function readSopInstanceUid(view: DataView, begin: number, encoding: Encoding): string | null {
  let at = begin;
  while (at < view.byteLength) {
    const element = elementAt(view, at, encoding);
    if (element.tag === SOP_INSTANCE_UID) return uidAt(view, element);
    if (element.tag > SOP_INSTANCE_UID) return null;
    at = endOf(view, element, encoding, 0);
  }
  return null;
}

function elementAt(view: DataView, at: number, { explicit, little }: Encoding): Element {
  const tag = uint16(view, at, little) * 0x10000 + uint16(view, at + 2, little);
  const isDelimiter = tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END;
  if (!explicit || isDelimiter) {
    return { tag, length: uint32(view, at + 4, little), at: at + 8 };
  }
  return LONG_VRS.has(textAt(view, at + 4, 2))
    ? { tag, length: uint32(view, at + 8, little), at: at + 12 }
    : { tag, length: uint16(view, at + 6, little), at: at + 8 };
}

/** Offset after an element; sequences and items of undefined length are walked through. */
function endOf(view: DataView, element: Element, encoding: Encoding, depth: number): number {
  if (element.length !== UNDEFINED_LENGTH) return element.at + element.length;
  if (depth > DEPTH) throw new Unreadable('nested too deeply');
  let at = element.at;
  for (;;) {
    const inner = elementAt(view, at, encoding);
    if (inner.tag === SEQUENCE_END || inner.tag === ITEM_END) return inner.at;
    at = endOf(view, inner, encoding, depth + 1);
  }
}

function uidAt(view: DataView, { at, length }: Element): string | null {
  if (length > 64) return null;
  const text = textAt(view, at, length).replace(/[\0 ]+$/, '');
  return UID.test(text) ? text : null;
}

function textAt(view: DataView, at: number, length: number): string {
  need(view, at, length);
  let text = '';
  for (let index = at; index < at + length; index += 1) {
    text += String.fromCharCode(view.getUint8(index));
  }
  return text;
}

function uint16(view: DataView, at: number, little: boolean): number {
  need(view, at, 2);
  return view.getUint16(at, little);
}

function uint32(view: DataView, at: number, little: boolean): number {
  need(view, at, 4);
  return view.getUint32(at, little);
}

function need(view: DataView, at: number, length: number): void {
  if (at + length > view.byteLength) throw new Unreadable('cut short');
}
