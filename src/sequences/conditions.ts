import { describeValueTest, fault, parseValueTest, testValue } from '../contracts/index.ts';
import type {
  EvidenceCondition,
  EvidenceKind,
  HeaderValue,
  Ternary,
  ValueTest,
  ValueTestText,
} from '../contracts/index.ts';
import { attributeOf, type SeriesFacts, type StackFacts, textOf } from './facts.ts';
import { echoPhase, waterFatPeriod } from './physics.ts';
import type { SaidConcepts } from './words.ts';

/** A compiled condition: its answer, and what it looked at when the answer is told. */
export interface Question {
  readonly ask: (facts: StackFacts) => Ternary;
  readonly seen: (facts: StackFacts) => Seen[];
}
export interface Seen {
  readonly attribute: string;
  readonly value: string;
}

type Compiler<Kind extends EvidenceKind> = (
  wanted: Exclude<EvidenceCondition[Kind], undefined>,
) => Question;

/** One evaluator for each kind of evidence; a kind without one does not type-check, nor load. */
export const EVIDENCE_COMPILERS: { readonly [Kind in EvidenceKind]: Compiler<Kind> } = {
  words: (wanted) =>
    said(
      'SeriesDescription',
      wanted,
      (facts) => facts.series.said,
      (facts) => facts.series.description,
    ),
  protocol: (wanted) =>
    said(
      'ProtocolName',
      wanted,
      (facts) => facts.series.saidByProtocol,
      (facts) => textOf(attributeOf(facts, 'ProtocolName')),
    ),
  study: (wanted) =>
    said(
      'StudyDescription',
      wanted,
      (facts) => facts.study.said,
      (facts) => textOf(facts.study.headers.attributes['StudyDescription']),
    ),
  bodyPart: (wanted) =>
    said(
      'BodyPartExamined',
      wanted,
      (facts) => facts.series.saidByBodyPart,
      (facts) => textOf(attributeOf(facts, 'BodyPartExamined')),
    ),
  sibling: (wanted) => siblingSaying(listOf(wanted.says), listOf(wanted.without ?? [])),
  missing: (wanted) => missing(listOf(wanted)),
  attributes: (wanted) =>
    joined(
      Object.entries(wanted).map(([keyword, test]) =>
        valued(keyword, test, (facts) => attributeOf(facts, keyword)),
      ),
      'all',
    ),
  instances: (wanted) => valued('instances', wanted, (facts) => facts.series.headers.instanceCount),
  slices: (wanted) => valued('slices', wanted, (facts) => facts.slices),
  plane: (wanted) => valued('plane', wanted, (facts) => facts.plane),
  coverage: (wanted) => valued('coverage', wanted, (facts) => facts.stack?.coverage),
  spacing: (wanted) => valued('spacing', wanted, (facts) => facts.stack?.sliceSpacing),
  echo: echoIs,
  echoes: (wanted) => valued('echoes', wanted, (facts) => facts.series.echoes),
  kernel: (wanted) => valued('ConvolutionKernel', wanted, (facts) => facts.series.kernel),
  any: (wanted) => joined(wanted.map(compileCondition), 'any'),
  all: (wanted) => joined(wanted.map(compileCondition), 'all'),
  not: (wanted) => negated(compileCondition(wanted)),
};

/** Compiles a condition; all its keys must hold. */
export function compileCondition(condition: EvidenceCondition): Question {
  const questions: Question[] = [];
  for (const [kind, wanted] of Object.entries(condition)) {
    if (wanted === undefined) continue;
    if (!(kind in EVIDENCE_COMPILERS)) {
      throw fault(
        'EVIDENCE_WITHOUT_EVALUATOR',
        `No evaluator for the kind of evidence "${kind}".`,
        { kind },
      );
    }
    const compile = EVIDENCE_COMPILERS[kind as EvidenceKind] as (wanted: unknown) => Question;
    questions.push(compile(wanted));
  }
  return questions.length === 1 && questions[0] !== undefined
    ? questions[0]
    : joined(questions, 'all');
}

function said(
  attribute: string,
  wanted: string | readonly string[],
  concepts: (facts: StackFacts) => SaidConcepts | null,
  text: (facts: StackFacts) => string | null,
): Question {
  const names = listOf(wanted);
  return {
    ask: (facts) => {
      const found = concepts(facts);
      if (found === null) return 'not-answerable';
      for (const name of names) if (found.has(name)) return 'true';
      return 'false';
    },
    seen: (facts) => [{ attribute, value: text(facts) ?? '' }],
  };
}

function siblingSaying(names: readonly string[], without: readonly string[]): Question {
  const saying = (facts: StackFacts): SeriesFacts | undefined =>
    facts.study.series.find(
      (one) => one !== facts.series && says(one.said, names) && !says(one.said, without),
    );
  return {
    ask: (facts) => (saying(facts) === undefined ? 'false' : 'true'),
    seen: (facts) => [
      {
        attribute: 'another series',
        value: saying(facts)?.description ?? `none says ${names.join(', ')}`,
      },
    ],
  };
}

function says(said: SaidConcepts | null, names: readonly string[]): boolean {
  return said !== null && names.some((name) => said.has(name));
}

function missing(keywords: readonly string[]): Question {
  const present = (facts: StackFacts, keyword: string): boolean =>
    keyword === 'SeriesDescription'
      ? facts.series.description !== null
      : textOf(attributeOf(facts, keyword)) !== null;
  return {
    ask: (facts) => (keywords.some((keyword) => present(facts, keyword)) ? 'false' : 'true'),
    seen: () => keywords.map((keyword) => ({ attribute: keyword, value: 'missing' })),
  };
}

function valued(
  attribute: string,
  wanted: ValueTestText,
  read: (facts: StackFacts) => HeaderValue | null | undefined,
): Question {
  const test = parsed(wanted);
  return {
    ask: (facts) => testValue(test, read(facts)),
    seen: (facts) => [
      { attribute, value: textOf(read(facts) ?? undefined) ?? `not ${describeValueTest(test)}` },
    ],
  };
}

function parsed(wanted: ValueTestText): ValueTest {
  const test = parseValueTest(wanted);
  if ('problem' in test)
    throw fault(
      'SEQUENCE_TEST',
      `A test of the sequence definitions is not valid: ${test.problem}.`,
    );
  return test;
}

function echoIs(wanted: 'in-phase' | 'opposed-phase'): Question {
  const echoTime = (facts: StackFacts): HeaderValue | undefined =>
    attributeOf(facts, 'EchoTime') ?? attributeOf(facts, 'EffectiveEchoTime');
  const period = (facts: StackFacts): number | null =>
    waterFatPeriod(
      attributeOf(facts, 'ImagingFrequency'),
      attributeOf(facts, 'MagneticFieldStrength'),
    );
  return {
    ask: (facts) => {
      const phase = echoPhase(echoTime(facts), period(facts));
      if (phase === null || phase === 'between') return 'not-answerable';
      return phase === wanted ? 'true' : 'false';
    },
    seen: (facts) => [
      {
        attribute: 'EchoTime',
        value: `${textOf(echoTime(facts)) ?? ''} ms of a water-fat period of ${period(facts)?.toFixed(2) ?? ''} ms`,
      },
    ],
  };
}

/** Kleene's `all` or `any`; what is told are the parts that decided. */
function joined(questions: readonly Question[], how: 'all' | 'any'): Question {
  const decisive = how === 'any' ? 'true' : 'false';
  const neutral = how === 'any' ? 'false' : 'true';
  const ask = (facts: StackFacts): Ternary => {
    let answer: Ternary = neutral;
    for (const question of questions) {
      const one = question.ask(facts);
      if (one === decisive) return decisive;
      if (one === 'not-answerable') answer = 'not-answerable';
    }
    return answer;
  };
  return {
    ask,
    seen: (facts) => {
      const answer = ask(facts);
      return questions
        .filter((question) => question.ask(facts) === answer)
        .flatMap((question) => question.seen(facts));
    },
  };
}

function negated(question: Question): Question {
  return {
    ask: (facts) => {
      const answer = question.ask(facts);
      if (answer === 'not-answerable') return answer;
      return answer === 'true' ? 'false' : 'true';
    },
    seen: (facts) => question.seen(facts),
  };
}

function listOf(wanted: string | readonly string[]): readonly string[] {
  return typeof wanted === 'string' ? [wanted] : wanted;
}
