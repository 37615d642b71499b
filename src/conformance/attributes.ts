import type { Volume } from '../contracts/index.ts';
import {
  COPIED_KEYWORDS,
  itemsOf,
  RULES,
  tagText,
  textOf,
  type AttributeRule,
  type ObjectKind,
  type ReadDataset,
  type ReadElement,
} from '../results/index.ts';
import { codeText } from './templates.ts';

/** An attribute of an object as the statement shows it. */
export interface AttributeRow {
  readonly depth: number;
  readonly keyword: string;
  readonly tag: string;
  readonly vr: string;
  /** Of the module that has it; null where no table has the place. */
  readonly type: AttributeRule['type'] | null;
  /** `SOP Common (table C.12-1)`; null where no table has it. */
  readonly module: string | null;
  /** What it holds and where that comes from. */
  readonly value: string;
}

/** Two objects of one kind, made from different sources, and what those sources say. */
export interface Pair {
  readonly kind: ObjectKind;
  readonly objects: readonly ReadDataset[];
  readonly sources: readonly Volume[];
}

/** In annexes of their own, or longer than a table can be. */
const NOT_WALKED = new Set(['ContentSequence', 'PixelData']);
/** Values of more than so many characters are not spelled out. */
const LONGEST = 60;
const copied = new Set(COPIED_KEYWORDS);

/**
 * The attributes of one kind of object, by walking two of them: where both hold the same, Situs writes
 * it whatever the source is; where both hold what their sources hold, it is copied; the rest is made
 * for the object. What is copied in every object (`COPIED_KEYWORDS`) is left out, unless a module
 * requires it.
 */
export function attributeRows(pair: Pair): AttributeRow[] {
  return rowsAt(
    pair,
    pair.objects.map((object) => [object]),
    [],
  );
}

/** @param items of each object, all those that stand at `path`. */
function rowsAt(
  pair: Pair,
  items: readonly (readonly ReadDataset[])[],
  path: readonly string[],
): AttributeRow[] {
  const elements = new Map<string, ReadElement>();
  for (const item of items.flat()) {
    for (const [keyword, element] of item) elements.set(keyword, element);
  }
  return [...elements]
    .sort(([, a], [, b]) => a.tag - b.tag)
    .flatMap(([keyword, { tag, vr }]) => {
      const required = requirement(pair.kind, path, keyword);
      const binds = required?.type === '1' || required?.type === '2';
      if (path.length === 0 && copied.has(keyword) && !binds) return [];
      const found = items.map((some) => some.flatMap((item) => item.get(keyword) ?? []));
      const always = items.every((some) => some.every((item) => item.has(keyword)));
      const children = items.map((some) => some.flatMap((item) => itemsOf(item, keyword)));
      const row: AttributeRow = {
        depth: path.length,
        keyword,
        tag: tagText(tag),
        vr,
        type: required?.type ?? null,
        module: required?.module ?? null,
        value: `${valueOf(pair, keyword, found, children)}${always ? '' : '; not always'}`,
      };
      const walked = !NOT_WALKED.has(keyword) && !children.flat().every(isCode);
      return walked ? [row, ...rowsAt(pair, children, [...path, keyword])] : [row];
    });
}

function requirement(
  kind: ObjectKind,
  path: readonly string[],
  keyword: string,
): { readonly type: AttributeRule['type']; readonly module: string } | null {
  const rule = RULES[kind].get(path.join('/'))?.get(keyword);
  if (rule === undefined) return null;
  return { type: rule.type, module: `${rule.module} (table ${rule.table})` };
}

function valueOf(
  { sources }: Pair,
  keyword: string,
  found: readonly (readonly ReadElement[])[],
  children: readonly (readonly ReadDataset[])[],
): string {
  if (keyword === 'ContentSequence') return 'content tree, see the templates';
  if (keyword === 'PixelData') return 'generated';
  if (children.flat().length > 0) {
    if (!children.flat().every(isCode)) return 'sequence';
    const codes = new Set(children.flat().map(itemText));
    const same = children.every((some) => new Set(some.map(itemText)).size === codes.size);
    const spelled = [...codes].join(', ');
    return same && codes.size <= 2 ? `fixed: ${spelled}` : 'from the structure, see the codes';
  }
  if (copied.has(keyword)) return 'copied from the source';
  const values = found.map((elements) => [...new Set(elements.map(shownValues))].sort());
  const [first = [], ...others] = values;
  const same = others.every((other) => other.join() === first.join());
  const text = first.join(', ');
  if (same && text === '') return 'empty';
  if (same && text.length <= LONGEST) return `fixed: \`${text}\``;
  const isTheirs = values.every((all, index) => {
    const source = sources[index];
    const [element] = found[index] ?? [];
    if (source === undefined || element === undefined) return true;
    return all.every((value) => saysSource(source, element, value));
  });
  return isTheirs ? 'copied from the source' : 'generated';
}

/** All values of an element as one text; attributes that are pointed at by their tags. */
function shownValues({ vr, values }: ReadElement): string {
  return values.map((value) => (vr === 'AT' ? tagText(Number(value)) : value)).join('\\');
}

/** Whether a value is the source's own, to the letter. */
function saysSource({ source, slices }: Volume, { tag, vr }: ReadElement, value: string): boolean {
  if (source === null) return false;
  if (vr === 'UI') {
    const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid } = source;
    const uids = [studyInstanceUid, seriesInstanceUid, frameOfReferenceUid];
    return [...uids, ...slices.flatMap((one) => [one.sopInstanceUid, one.sopClassUid])].includes(
      value,
    );
  }
  const geometry: readonly (string | null | undefined)[] = [
    source.imageOrientationPatient.join('\\'),
    source.pixelSpacing.join('\\'),
    source.sliceThickness,
    source.lossy?.ratio,
    source.lossy?.method,
    ...slices.map(({ imagePositionPatient }) => imagePositionPatient.join('\\')),
  ];
  if ((vr === 'DS' || vr === 'CS') && geometry.includes(value)) return true;
  const own = source.dataset[tag.toString(16).toUpperCase().padStart(8, '0')];
  return own?.Value?.[0] === value;
}

function isCode(item: ReadDataset): boolean {
  return item.has('CodeValue');
}

function itemText(item: ReadDataset): string {
  const text = (keyword: string): string => textOf(item, keyword) ?? '';
  return codeText({
    value: text('CodeValue'),
    scheme: text('CodingSchemeDesignator'),
    meaning: text('CodeMeaning'),
  });
}
