import { z } from 'zod';
import { nearest, parseValueTest, type ValueTestText } from '../contracts/index.ts';

const single = z.union([z.string(), z.number(), z.boolean()]);

/** A value, a list of values, a range such as `">= 0.8"` or `20..40`, or a `/pattern/i`. */
export const valueTest: z.ZodType<ValueTestText> = z
  .union([z.string(), z.number(), z.boolean(), z.array(single)], {
    error:
      'expected a value, a list of values, a range such as ">= 0.8" or a pattern such as /liver/i',
  })
  .superRefine((written, context) => {
    const test = parseValueTest(written);
    if ('problem' in test) context.addIssue({ code: 'custom', message: test.problem });
  })
  .meta({
    description: 'A value, a list of values, a range such as ">= 0.8" or 20..40, or a /pattern/i',
  });

/** A test of a field that knows only some words, e.g. `plane`; patterns are as free as anywhere. */
export function wordTest(words: readonly string[]): z.ZodType<ValueTestText> {
  return valueTest
    .superRefine((written, context) => {
      itemsOf(written).forEach((item, index) => {
        const test = parseValueTest(item);
        if ('problem' in test || test.kind === 'pattern' || isListName(item)) return;
        if (words.some((word) => word.toLowerCase() === String(item).trim().toLowerCase())) return;
        const hint = nearest(String(item), words);
        context.addIssue({
          code: 'custom',
          path: typeof written === 'object' ? [index] : [],
          message: `"${item}" is none of ${words.join(', ')}${hint === null ? '' : `; did you mean "${hint}"?`}`,
          params: { nearest: hint },
        });
      });
    })
    .meta({ description: `One of ${words.join(', ')}, or a list of these` });
}

/** A test of a time of the day. */
export const timeTest: z.ZodType<ValueTestText> = valueTest
  .superRefine((written, context) => {
    for (const item of itemsOf(written)) {
      const test = parseValueTest(item);
      if ('problem' in test || test.kind === 'hours' || isListName(item)) continue;
      context.addIssue({
        code: 'custom',
        message: `"${item}" are no hours of the day; write e.g. "19:00-07:00"`,
      });
    }
  })
  .meta({
    description: 'Hours of the day, e.g. "19:00-07:00" (over midnight), or a list of these',
  });

/** `$name` stands for a named list of the file. */
export function isListName(item: string | number | boolean): item is string {
  return typeof item === 'string' && item.trim().startsWith('$');
}

export function itemsOf(written: ValueTestText): readonly (string | number | boolean)[] {
  return typeof written === 'object' ? written : [written];
}

/** Adds an issue for every name that stands twice in a list of named things. */
export function uniqueNames(
  key: string,
): (list: readonly { readonly name: string }[], context: z.RefinementCtx) => void {
  return (list, context) => {
    const seen = new Set<string>();
    list.forEach((one, index) => {
      if (seen.has(one.name)) {
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: `the ${key} "${one.name}" is defined twice`,
        });
      }
      seen.add(one.name);
    });
  };
}
