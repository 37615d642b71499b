import { z } from 'zod';
import type { Structure } from '../contracts/index.ts';

const code = z.strictObject({
  value: z.string().min(1).max(16),
  scheme: z.string().min(1).max(16),
  meaning: z.string().min(1).max(64),
});
const colour = z.int().min(0).max(255);

/** `config/structures.json` */
export const structuresSchema = z
  .array(
    z.strictObject({
      index: z.int().min(1).max(255),
      name: z.string().regex(/^[a-z0-9_]+$/),
      category: code,
      type: code,
      laterality: code.nullable(),
      rgb: z.tuple([colour, colour, colour]),
      verified: z.boolean(),
      source: z.string(),
    }),
  )
  .min(1)
  .superRefine((list, context) => {
    list.forEach((one, index) => {
      const earlier = list.slice(0, index);
      if (earlier.some((other) => other.name === one.name || other.index === one.index)) {
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `index ${one.index} or name ${one.name} stands twice`,
        });
      }
    });
  }) satisfies z.ZodType<Structure[]>;
