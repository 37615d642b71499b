import { z } from 'zod';
import {
  FIELD_WORDS,
  firstOutside,
  GATE_CHECKS,
  parseDayHours,
  parseValueTest,
  PREFERENCES,
  SERIES_FIELDS,
  STUDY_FIELDS,
} from '../contracts/index.ts';
import type {
  RuleSet,
  SegmentOrder,
  SeriesCondition,
  SeriesField,
  StudyCondition,
  StudyField,
  ValueTestText,
} from '../contracts/index.ts';
import { withLists } from './named-lists.ts';
import { isListName, timeTest, uniqueNames, valueTest, wordTest } from './tests-schema.ts';

function testOf(field: SeriesField | StudyField): z.ZodType<ValueTestText> {
  if (field === 'time') return timeTest;
  const words = FIELD_WORDS[field];
  return words === undefined ? valueTest : wordTest(words);
}

function fields<Field extends SeriesField | StudyField>(
  names: readonly Field[],
): { [Name in Field]: z.ZodOptional<z.ZodType<ValueTestText>> } {
  const entries = names.map((name) => [name, testOf(name).optional()] as const);
  return Object.fromEntries(entries) as {
    [Name in Field]: z.ZodOptional<z.ZodType<ValueTestText>>;
  };
}

const studyCondition: z.ZodType<StudyCondition> = z.lazy(() =>
  z.strictObject({
    ...fields(STUDY_FIELDS),
    any: z.array(studyCondition).min(1).optional(),
    all: z.array(studyCondition).min(1).optional(),
    not: studyCondition.optional(),
  }),
);

const seriesCondition: z.ZodType<SeriesCondition> = z.lazy(() =>
  z.strictObject({
    ...fields(SERIES_FIELDS),
    study: studyCondition.optional(),
    any: z.array(seriesCondition).min(1).optional(),
    all: z.array(seriesCondition).min(1).optional(),
    not: seriesCondition.optional(),
  }),
);

/** What `fast` decides itself. */
const DECIDED_BY_FAST = ['folds', 'stepSize', 'mirroring'] as const;

const segment = z
  .strictObject({
    model: z.string().min(1).describe('Name of an imported model (situs model list)'),
    folds: z
      .union([z.enum(['all', 'first']), z.array(z.int().min(0).max(9)).min(1)])
      .optional()
      .describe('Networks to average: all, the first, or e.g. [0, 1]; left out: all'),
    fast: z
      .boolean()
      .optional()
      .describe('As MRSegmentator --fast: first fold alone, no mirroring, patch step 0.8'),
    stepSize: z
      .number()
      .positive()
      .max(1)
      .optional()
      .describe('Distance of neighbouring patches as a share of a patch; left out: 0.5'),
    mirroring: z
      .boolean()
      .optional()
      .describe('false: do not average over mirrored copies where the model allows it'),
    splitLevel: z
      .int()
      .min(0)
      .max(4)
      .optional()
      .describe('Cut the volume into 2^N pieces along body height, to save memory'),
  })
  .superRefine((order, context) => {
    if (order.fast !== true) return;
    for (const key of DECIDED_BY_FAST) {
      if (order[key] === undefined || order[key] === 'first') continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `\`fast: true\` decides ${key} itself; leave one of the two out`,
      });
    }
  })
  .transform(({ model, folds, fast, stepSize, mirroring, splitLevel }): SegmentOrder => ({
    model,
    folds: folds ?? (fast === true ? 'first' : 'all'),
    ...(fast === true ? { fast } : {}),
    ...(stepSize === undefined ? {} : { stepSize }),
    ...(mirroring === undefined ? {} : { mirroring }),
    ...(splitLevel === undefined ? {} : { splitLevel }),
  }));

const structureName = z.string().min(1).max(64);

const store = z
  .strictObject({
    seg: z
      .enum(['binary', 'labelmap', 'none'])
      .default('binary')
      .describe('binary is read everywhere; labelmap is smaller and newer'),
    compress: z.boolean().optional().describe('Label maps in RLE Lossless'),
    structures: z
      .array(structureName)
      .min(1)
      .optional()
      .describe('Only these are stored; all when left out'),
    merge: z
      .record(structureName, z.array(structureName).min(2))
      .optional()
      .describe('Groups that become one structure, e.g. lungs: [left_lung, right_lung]'),
    smooth: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe('Passes of a majority filter over the edges; recorded in the results'),
    sr: z.boolean().default(true),
    pictures: z
      .boolean()
      .optional()
      .describe('true: also slices with outlines as secondary capture, for PACS without SEG'),
    to: z.string().min(1).describe('Name of an archive of situs.yaml'),
  })
  .superRefine((value, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (value.seg === 'none' && !value.sr) issue('sr', 'with `seg: none`, nothing would be stored');
    if (value.pictures === true && value.seg === 'none') {
      issue('pictures', 'pictures are never stored without the SEG that they show');
    }
    if (value.compress === true && value.seg !== 'labelmap') {
      issue('compress', 'only label maps are compressed; add `seg: labelmap`');
    }
    const members = Object.values(value.merge ?? {}).flat();
    const twice = members.find((name, index) => members.indexOf(name) !== index);
    if (twice !== undefined) issue('merge', `"${twice}" is in two groups, or twice in one`);
    const gone = value.structures?.find((name) => members.includes(name));
    if (gone !== undefined) {
      issue('structures', `"${gone}" is merged into a group; name the group instead`);
    }
  });

const hours = z.string().refine((text) => parseDayHours(text) !== null, {
  error: 'expected e.g. "07:00-19:00"',
});

const quiet = z
  .union([hours, z.array(hours).min(1).max(10)])
  .transform((written): readonly string[] => (typeof written === 'string' ? [written] : written))
  .superRefine((list, context) => {
    const windows = list.flatMap((text) => parseDayHours(text) ?? []);
    if (firstOutside(windows, new Date(2000, 0, 1)) === null) {
      context.addIssue({ code: 'custom', message: 'these hours leave no time for the work' });
    }
  });

const gate = z.strictObject(
  Object.fromEntries(
    GATE_CHECKS.map((check) => [check, z.enum(['warn', 'hold']).optional()]),
  ) as Record<
    (typeof GATE_CHECKS)[number],
    z.ZodOptional<z.ZodEnum<{ warn: 'warn'; hold: 'hold' }>>
  >,
);

const rule = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Unique; shown with every decision'),
    when: seriesCondition.describe('All keys must hold; an unanswerable condition does not match'),
    choose: z
      .strictObject({
        prefer: z
          .array(z.enum(PREFERENCES))
          .min(1)
          .describe('The first preference that differs decides'),
        most: z
          .int()
          .min(1)
          .max(20)
          .default(1)
          .describe('How many series of a study the rule may take'),
      })
      .optional()
      .describe('Without it every matching series is taken'),
    segment: segment.optional(),
    store: store.optional(),
    priority: z.enum(['low', 'normal', 'high']).default('normal'),
    leave: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe('Leave matching series alone, with this reason'),
    continue: z
      .boolean()
      .optional()
      .describe('true: later rules may take the same series too, for another model'),
    stop: z
      .boolean()
      .optional()
      .describe('true: once this rule matches a series, no later rule is tried for the study'),
    quiet: quiet
      .optional()
      .describe('Hours of the day in which no job of the rule is begun, e.g. "07:00-19:00"'),
    gate: gate.optional().describe('Whether a failed check holds the result back or only warns'),
  })
  .superRefine((value, context) => {
    if ((value.leave === undefined) === (value.segment === undefined)) {
      context.addIssue({
        code: 'custom',
        message:
          'a rule has either `segment` (with `store`) or `leave` with a reason, and not both',
      });
    }
    if (value.segment !== undefined && value.store === undefined) {
      context.addIssue({
        code: 'custom',
        message: '`segment` needs `store`: where shall the results go?',
      });
    }
    if (value.segment !== undefined) return;
    for (const key of ['continue', 'quiet', 'gate'] as const) {
      if (value[key] === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `\`${key}\` goes with \`segment\`: a rule that leaves series alone has no use for it`,
      });
    }
  });

const list = z
  .array(
    z
      .union([z.string(), z.number(), z.boolean()])
      .refine((item) => !isListName(item), { error: 'a list cannot name another list' }),
  )
  .min(1)
  .superRefine((items, context) => {
    const test = parseValueTest(items);
    if ('problem' in test) context.addIssue({ code: 'custom', message: test.problem });
  });

/** `config/rules.yaml` */
export const rulesSchema = z
  .strictObject({
    lists: z
      .record(
        z
          .string()
          .regex(/^\S.*$/)
          .max(100),
        list,
      )
      .optional()
      .describe('Values with a name; conditions use them as $name'),
    rules: z
      .array(rule)
      .superRefine(uniqueNames('rule'))
      .describe('In order: the first match wins for a series'),
  })
  .transform(({ lists, rules }, context): RuleSet => ({
    rules: withLists(rules, lists ?? {}, context),
  })) satisfies z.ZodType<RuleSet>;
