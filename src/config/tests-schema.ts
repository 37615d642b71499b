import { z } from 'zod';
import { parseValueTest, type ValueTestText } from '../contracts/index.ts';

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
