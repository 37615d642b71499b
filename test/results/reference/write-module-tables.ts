/**
 * Prints, for `check_modules.py`, which types our tables give the attributes of each kind of object, and
 * what an example of it has at every place: `node test/results/reference/write-module-tables.ts`.
 */
import { exampleObjects } from '../../../src/conformance/index.ts';
import { EDITION, RULES, readDicom, type ReadDataset } from '../../../src/results/index.ts';
import { STRUCTURES } from '../../support/structures.ts';

/** By place (`A/B`), the keywords that every item there has. */
function present(dataset: ReadDataset, path: string, into: Map<string, Set<string>>): void {
  const here = new Set([...dataset].map(([keyword]) => keyword));
  const before = into.get(path);
  into.set(
    path,
    before === undefined ? here : new Set([...before].filter((keyword) => here.has(keyword))),
  );
  for (const [keyword, { items }] of dataset) {
    for (const item of items) present(item, path === '' ? keyword : `${path}/${keyword}`, into);
  }
}

const objects = exampleObjects('ct', STRUCTURES);
const kinds = (['binary', 'labelMap', 'report', 'rejection', 'capture'] as const).map((kind) => {
  const places = new Map<string, Set<string>>();
  present(readDicom(objects[kind]).dataset, '', places);
  return {
    kind,
    tables: [...RULES[kind]].map(([place, rules]) => {
      const ofType = (wanted: string) =>
        [...rules].filter(([, { type }]) => type === wanted).map(([keyword]) => keyword);
      const at = place === '' ? [] : place.split('/');
      return { at, type1: ofType('1'), type2: ofType('2') };
    }),
    present: Object.fromEntries([...places].map(([path, keywords]) => [path, [...keywords]])),
  };
});
process.stdout.write(JSON.stringify({ edition: EDITION, kinds }));
