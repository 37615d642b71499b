import { z } from 'zod';
import { looksLikePattern, MATCH_FACTS, nearest, parsePattern } from '../contracts/index.ts';
import type { EvidenceCondition, SequenceDefinitions } from '../contracts/index.ts';
import { uniqueNames, valueTest } from './tests-schema.ts';

const concepts = z.union([z.string(), z.array(z.string()).min(1)], {
  error: 'expected the name of a word list, or a list of such names',
});

const evidenceCondition: z.ZodType<EvidenceCondition> = z.lazy(() =>
  z
    .strictObject({
      words: concepts.optional(),
      protocol: concepts.optional(),
      study: concepts.optional(),
      bodyPart: concepts.optional(),
      sibling: z.strictObject({ says: concepts, without: concepts.optional() }).optional(),
      missing: concepts.optional(),
      attributes: z
        .record(z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'expected a DICOM keyword'), valueTest)
        .optional(),
      instances: valueTest.optional(),
      slices: valueTest.optional(),
      plane: valueTest.optional(),
      coverage: valueTest.optional(),
      spacing: valueTest.optional(),
      echo: z.enum(['in-phase', 'opposed-phase']).optional(),
      echoes: valueTest.optional(),
      kernel: valueTest.optional(),
      any: z.array(evidenceCondition).min(1).optional(),
      all: z.array(evidenceCondition).min(1).optional(),
      not: evidenceCondition.optional(),
    })
    .refine(
      (condition) => Object.values(condition).some((value) => value !== undefined),
      'the condition is empty',
    ),
);

const word = z
  .string()
  .min(1)
  .max(200)
  .superRefine((written, context) => {
    if (looksLikePattern(written)) {
      const pattern = parsePattern(written);
      if ('problem' in pattern) context.addIssue({ code: 'custom', message: pattern.problem });
    } else if (!/[\p{L}\p{N}]/u.test(written)) {
      context.addIssue({ code: 'custom', message: `"${written}" has no letter or digit` });
    }
  });

const sequence = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'a name is lower case letters, digits and _'),
  title: z.string().min(1),
  target: z.boolean(),
  modality: z.array(z.string()).min(1).optional(),
  evidence: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        weight: z.number().min(-50).max(50),
        when: evidenceCondition,
      }),
    )
    .min(1)
    .superRefine(uniqueNames('evidence')),
});

const fact = z.strictObject({
  name: z.enum(MATCH_FACTS),
  of: z.array(z.string()).min(1),
  values: z
    .array(z.strictObject({ value: z.union([z.string(), z.boolean()]), when: evidenceCondition }))
    .min(1),
});

/** `config/sequences.yaml` */
export const sequencesSchema = z
  .strictObject({
    words: z.record(z.string(), z.record(z.string(), z.array(word).min(1))),
    unknown: z.strictObject({
      weight: z.number().min(0).max(20),
      minimumConfidence: z.number().min(0).max(1),
    }),
    sequences: z.array(sequence).min(1).superRefine(uniqueNames('sequence')),
    facts: z.array(fact).superRefine(uniqueNames('fact')).optional(),
  })
  .superRefine((definitions, context) => {
    const refuseUnknown = (
      what: string,
      name: string,
      known: readonly string[],
      path: PropertyKey[],
    ): void => {
      if (known.includes(name)) return;
      const hint = nearest(name, known);
      const suggestion = hint === null ? '' : `; did you mean "${hint}"?`;
      context.addIssue({
        code: 'custom',
        path,
        message: `there is no ${what} "${name}"${suggestion}`,
      });
    };
    const lists = Object.keys(definitions.words);
    const refuseUnknownWords = (when: EvidenceCondition, path: PropertyKey[]): void => {
      for (const [where, name] of conceptsUsed(when))
        refuseUnknown('word list', name, lists, [...path, ...where]);
    };
    definitions.sequences.forEach((one, index) => {
      one.evidence.forEach((item, number) => {
        refuseUnknownWords(item.when, ['sequences', index, 'evidence', number, 'when']);
      });
    });
    const sequences = definitions.sequences.map((one) => one.name);
    definitions.facts?.forEach((one, index) => {
      one.of.forEach((name, number) => {
        refuseUnknown('sequence', name, sequences, ['facts', index, 'of', number]);
      });
      one.values.forEach((item, number) => {
        refuseUnknownWords(item.when, ['facts', index, 'values', number, 'when']);
      });
    });
  }) satisfies z.ZodType<SequenceDefinitions>;

type Use = readonly [path: readonly PropertyKey[], name: string];

/** Every word list that a condition names, with the place of the name. */
function conceptsUsed(condition: EvidenceCondition): Use[] {
  const used: Use[] = [];
  const take = (key: string, names: string | readonly string[] | undefined): void => {
    for (const name of typeof names === 'string' ? [names] : (names ?? []))
      used.push([[key], name]);
  };
  take('words', condition.words);
  take('protocol', condition.protocol);
  take('study', condition.study);
  take('bodyPart', condition.bodyPart);
  take('sibling', condition.sibling?.says);
  take('sibling', condition.sibling?.without);
  const below = (path: readonly PropertyKey[], inner: EvidenceCondition): void => {
    for (const [where, name] of conceptsUsed(inner)) used.push([[...path, ...where], name]);
  };
  condition.any?.forEach((inner, index) => below(['any', index], inner));
  condition.all?.forEach((inner, index) => below(['all', index], inner));
  if (condition.not !== undefined) below(['not'], condition.not);
  return used;
}
