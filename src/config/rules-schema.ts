import { z } from 'zod';
import { PREFERENCES, SERIES_FIELDS, STUDY_FIELDS } from '../contracts/index.ts';
import type {
  RuleSet,
  SegmentOrder,
  SeriesCondition,
  StudyCondition,
  ValueTestText,
} from '../contracts/index.ts';
import { uniqueNames, valueTest } from './tests-schema.ts';

function fields<Field extends string>(
  names: readonly Field[],
): { [Name in Field]: z.ZodOptional<z.ZodType<ValueTestText>> } {
  const entries = names.map((name) => [name, valueTest.optional()] as const);
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
    to: z.string().min(1).describe('Name of an archive of situs.yaml'),
  })
  .superRefine((value, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (value.seg === 'none' && !value.sr) issue('sr', 'with `seg: none`, nothing would be stored');
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
  });

/** `config/rules.yaml` */
export const rulesSchema = z.strictObject({
  rules: z
    .array(rule)
    .superRefine(uniqueNames('rule'))
    .describe('In order: the first match wins for a series'),
}) satisfies z.ZodType<RuleSet>;
