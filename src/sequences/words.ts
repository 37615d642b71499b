import { compilePattern, fault, looksLikePattern, parsePattern } from '../contracts/index.ts';
import type { SequenceDefinitions } from '../contracts/index.ts';
import { prepareText, type PreparedText } from './text.ts';

/** Concept → the words of the text that said so. */
export type SaidConcepts = ReadonlyMap<string, string>;

interface Phrase {
  readonly concept: string;
  readonly written: string;
  readonly words: readonly string[];
  /** The last word is only the beginning of a word. */
  readonly open: boolean;
}

/** The word lists of the definitions, indexed so that a text is read once. */
export interface Vocabulary {
  /** By the first word, or by the first three letters of it when it is open. */
  readonly phrases: ReadonlyMap<string, readonly Phrase[]>;
  readonly beginnings: ReadonlyMap<string, readonly Phrase[]>;
  readonly parts: readonly { readonly concept: string; readonly part: string }[];
  readonly patterns: readonly {
    readonly concept: string;
    readonly written: string;
    readonly expression: RegExp;
  }[];
}

const INDEX_LETTERS = 3;
/** Shorter words are abbreviations whose last s means something else (`TAS`, `SS`). */
const PLURAL_LETTERS = 4;

/** Compiles all word lists; patterns were checked when the file was read. */
export function compileVocabulary(words: SequenceDefinitions['words']): Vocabulary {
  const phrases = new Map<string, Phrase[]>();
  const beginnings = new Map<string, Phrase[]>();
  const parts: { concept: string; part: string }[] = [];
  const patterns: { concept: string; written: string; expression: RegExp }[] = [];
  for (const [concept, groups] of Object.entries(words)) {
    for (const written of Object.values(groups).flat()) {
      if (looksLikePattern(written)) {
        patterns.push({ concept, written, expression: expressionOf(written) });
      } else if (written.startsWith('*')) {
        parts.push({ concept, part: written.replaceAll('*', '').toLowerCase() });
      } else {
        const open = written.endsWith('*');
        const phrase = { concept, written, open, words: prepareText(written).words };
        const first = phrase.words[0] ?? '';
        const cut = open && phrase.words.length === 1;
        append(cut ? beginnings : phrases, cut ? first.slice(0, INDEX_LETTERS) : first, phrase);
      }
    }
  }
  return { phrases, beginnings, parts, patterns };
}

function expressionOf(written: string): RegExp {
  const pattern = parsePattern(written);
  if ('problem' in pattern) {
    throw fault(
      'SEQUENCE_PATTERN',
      `The word pattern ${written} is not allowed: ${pattern.problem}.`,
    );
  }
  return compilePattern(pattern);
}

function append(index: Map<string, Phrase[]>, key: string, phrase: Phrase): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [phrase]);
  else list.push(phrase);
}

/** All concepts a text speaks of. */
export function conceptsIn(text: PreparedText, vocabulary: Vocabulary): SaidConcepts {
  const said = new Map<string, string>();
  readWords(text.words, vocabulary, said);
  if (text.split.length !== text.words.length) readWords(text.split, vocabulary, said);
  for (const { concept, part } of vocabulary.parts) {
    if (!said.has(concept) && text.plain.includes(part)) said.set(concept, part);
  }
  for (const { concept, expression } of vocabulary.patterns) {
    if (said.has(concept)) continue;
    const found = expression.exec(text.plain);
    if (found !== null) said.set(concept, found[0].trim());
  }
  return said;
}

function readWords(
  words: readonly string[],
  vocabulary: Vocabulary,
  said: Map<string, string>,
): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    for (const phrase of vocabulary.phrases.get(word) ?? []) {
      if (!said.has(phrase.concept) && follows(words, at, phrase)) {
        said.set(phrase.concept, phrase.words.length === 1 ? word : phrase.written);
      }
    }
    // A plain plural says what its singular says: lungs, MPRs, coronals.
    if (word.length >= PLURAL_LETTERS && word.endsWith('s')) {
      for (const phrase of vocabulary.phrases.get(word.slice(0, -1)) ?? []) {
        if (phrase.words.length === 1 && !said.has(phrase.concept)) said.set(phrase.concept, word);
      }
    }
    for (const length of word.length < INDEX_LETTERS ? [] : [2, INDEX_LETTERS]) {
      for (const phrase of vocabulary.beginnings.get(word.slice(0, length)) ?? []) {
        const [beginning] = phrase.words;
        if (!said.has(phrase.concept) && beginning !== undefined && word.startsWith(beginning)) {
          said.set(phrase.concept, word);
        }
      }
    }
  }
}

function follows(words: readonly string[], at: number, phrase: Phrase): boolean {
  const last = phrase.words.length - 1;
  for (let step = 0; step <= last; step++) {
    const word = words[at + step];
    const expected = phrase.words[step] ?? '';
    if (word === undefined) return false;
    if (step === last && phrase.open ? !word.startsWith(expected) : word !== expected) return false;
  }
  return true;
}
