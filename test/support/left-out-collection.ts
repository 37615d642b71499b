import type { SequenceDefinitions, StudyHeaders } from '../../src/contracts/index.ts';
import { compileCondition } from '../../src/sequences/conditions.ts';
import { stackFacts, studyFacts, textOf } from '../../src/sequences/facts.ts';
import { studyFromLine } from '../../src/sequences/index.ts';
import { prepareText } from '../../src/sequences/text.ts';
import { compileVocabulary, conceptsIn } from '../../src/sequences/words.ts';
import type { LabelledStudy } from './labelled-headers.ts';

/** For each word of the lists and each item of evidence, the collections it says anything of. */
export interface Support {
  readonly words: ReadonlyMap<string, ReadonlySet<string>>;
  readonly items: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Definitions without what only one collection supports, and how much that was. */
export interface Reduced {
  readonly definitions: SequenceDefinitions;
  readonly words: number;
  readonly items: number;
}

/** What of the definitions is removed: `all words` are those of published tables too. */
export type LeftOut = 'words' | 'words and evidence' | 'all words';

/**
 * The group of words that public documents list (docs/sequences.md names them): they would stand in
 * the definitions without these data, so meeting one of them in one collection alone proves nothing.
 */
const PUBLISHED = 'published';
const TEXTS = ['SeriesDescription', 'ProtocolName', 'BodyPartExamined'] as const;

/**
 * Which collections each part of the definitions meets. A word (or pattern) is supported by a
 * collection when it is found in any text of any of its studies, an item of evidence when it is true
 * of any of its series, whether or not that decided anything. What no collection supports was not
 * written from these data.
 */
export function supportOf(
  studies: readonly LabelledStudy[],
  definitions: SequenceDefinitions,
): Support {
  const words = new Map<string, Set<string>>();
  const items = new Map<string, Set<string>>();
  const alone = compileVocabulary(
    Object.fromEntries(
      Object.entries(definitions.words).flatMap(([concept, groups]) =>
        Object.values(groups)
          .flat()
          .map((word) => [wordKey(concept, word), { any: [word] }]),
      ),
    ),
  );
  const vocabulary = compileVocabulary(definitions.words);
  const questions = definitions.sequences.flatMap(({ name, evidence }) =>
    evidence.map((item) => ({
      key: itemKey(name, item.name),
      question: compileCondition(item.when),
    })),
  );
  for (const line of studies) {
    const study = studyFromLine(line);
    for (const text of textsOf(study)) {
      for (const key of conceptsIn(prepareText(text), alone).keys()) {
        note(words, key, line.collection);
      }
    }
    const facts = studyFacts(study, vocabulary);
    for (const series of facts.series) {
      const stack = stackFacts(facts, series, series.headers.stacks[0] ?? null);
      for (const { key, question } of questions) {
        if (question.ask(stack) === 'true') note(items, key, line.collection);
      }
    }
  }
  return { words, items };
}

/**
 * The definitions without the words (`parts`: and without the items of evidence, or without the
 * published words as well) that only this collection supports. Weights stay: they were set with all
 * collections in view.
 */
export function without(
  collection: string,
  definitions: SequenceDefinitions,
  support: Support,
  parts: LeftOut = 'words',
): Reduced {
  let words = 0;
  let items = 0;
  const kept = Object.fromEntries(
    Object.entries(definitions.words).map(([concept, groups]) => [
      concept,
      Object.fromEntries(
        Object.entries(groups).map(([group, list]) => {
          const rest =
            group === PUBLISHED && parts !== 'all words'
              ? list
              : list.filter(
                  (word) => !onlyOf(collection, support.words.get(wordKey(concept, word))),
                );
          words += list.length - rest.length;
          return [group, rest];
        }),
      ),
    ]),
  );
  const sequences = definitions.sequences.map((sequence) => {
    const evidence = sequence.evidence.filter(
      (item) =>
        parts !== 'words and evidence' ||
        !onlyOf(collection, support.items.get(itemKey(sequence.name, item.name))),
    );
    items += sequence.evidence.length - evidence.length;
    return { ...sequence, evidence };
  });
  return { definitions: { ...definitions, words: kept, sequences }, words, items };
}

function onlyOf(collection: string, collections: ReadonlySet<string> | undefined): boolean {
  return collections?.size === 1 && collections.has(collection);
}

function wordKey(concept: string, word: string): string {
  return `${concept}: ${word}`;
}

function itemKey(sequence: string, item: string): string {
  return `${sequence}: ${item}`;
}

function textsOf(study: StudyHeaders): Set<string> {
  const values = [
    study.attributes['StudyDescription'],
    ...study.series.flatMap(({ attributes }) => TEXTS.map((keyword) => attributes[keyword])),
  ];
  return new Set(values.flatMap((value) => textOf(value) ?? []));
}

function note(support: Map<string, Set<string>>, key: string, collection: string): void {
  const known = support.get(key);
  if (known === undefined) support.set(key, new Set([collection]));
  else known.add(collection);
}
