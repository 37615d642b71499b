import { KINDS, type ObjectKind } from './kinds.ts';
import { STANDARD_TEXT } from './modules.generated.ts';

/** What the JSON text of `modules.generated.ts` says. */
export interface StandardTables {
  /** Edition of PS3.3 and the extraction it was taken from. */
  readonly edition: string;
  /** By kind, the modules that it holds and their usage in its IOD: M, C or U. */
  readonly kinds: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By module, the place of each list of attributes: sequences from the root, joined by `/`. */
  readonly modules: Readonly<
    Record<
      string,
      {
        readonly name: string;
        /** Number of its table in PS3.3, e.g. `C.7-1`. */
        readonly table: string;
        readonly places: Readonly<Record<string, number>>;
      }
    >
  >;
  /** `Keyword:type` of every attribute of a place. */
  readonly lists: readonly string[];
}

export type AttributeType = '1' | '1C' | '2' | '2C' | '3';

/** What the standard says of an attribute at a place. */
export interface AttributeRule {
  readonly type: AttributeType;
  readonly module: string;
  /** Number of the module's table in PS3.3. */
  readonly table: string;
}

/** By keyword, at one place. */
export type PlaceRules = ReadonlyMap<string, AttributeRule>;

const STANDARD = JSON.parse(STANDARD_TEXT) as StandardTables;

/** The edition of the standard that objects are checked against. */
export const EDITION = STANDARD.edition;

/** Strictest first: where two modules of an IOD have an attribute, the stricter one binds. */
const STRICTNESS: readonly AttributeType[] = ['1', '2', '1C', '2C', '3'];

const isType = (text: string | undefined): text is AttributeType =>
  STRICTNESS.some((type) => type === text);

function rulesOf(kind: ObjectKind): ReadonlyMap<string, PlaceRules> {
  const rules = new Map<string, Map<string, AttributeRule>>();
  const { copied } = KINDS[kind];
  for (const id of Object.keys(STANDARD.kinds[kind] ?? {})) {
    const module = STANDARD.modules[id];
    for (const [place, list] of Object.entries(module?.places ?? {})) {
      const here = rules.get(place) ?? new Map<string, AttributeRule>();
      rules.set(place, here);
      for (const entry of (STANDARD.lists[list] ?? '').split(' ')) {
        const [keyword = '', type] = entry.split(':');
        if (!isType(type)) continue;
        const rule: AttributeRule = {
          type: copied.includes(id) ? '3' : type,
          module: module?.name ?? id,
          table: module?.table ?? '',
        };
        const before = here.get(keyword);
        if (
          before === undefined ||
          STRICTNESS.indexOf(rule.type) < STRICTNESS.indexOf(before.type)
        ) {
          here.set(keyword, rule);
        }
      }
    }
  }
  // Content items nest without end, and extractions of the standard stop after the first level.
  const item = rules.get('ContentSequence');
  const root = rules.get('')?.get('ContentSequence');
  if (item !== undefined && root !== undefined) item.set('ContentSequence', root);
  return rules;
}

/** By kind and place, what the standard says of each attribute. */
export const RULES: Readonly<Record<ObjectKind, ReadonlyMap<string, PlaceRules>>> = {
  binary: rulesOf('binary'),
  labelMap: rulesOf('labelMap'),
  report: rulesOf('report'),
  rejection: rulesOf('rejection'),
  capture: rulesOf('capture'),
};

/** The place of the items of a sequence: content items have one place, however deep they are. */
export function placeUnder(place: string, keyword: string): string {
  if (keyword === 'ContentSequence') return keyword;
  return place === '' ? keyword : `${place}/${keyword}`;
}
