import { z } from 'zod';

const LARGEST_LABEL = 65_535;
/** Structures are numbered in one byte while they are compared. */
const MOST_STRUCTURES = 255;

const structureName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_]+$/, 'a structure is named in letters, digits and _');

/** What a label stands for: a structure, or the name its table gives it and the structure that is. */
const target = z.union([
  structureName,
  z.strictObject({ name: z.string().min(1).max(128), structure: structureName }),
]);

/** `config/label-mappings/*.yaml`: label number in a file → structure; several labels may be one structure. */
export const labelMappingSchema = z.strictObject({
  title: z.string().min(1).describe('What kind of label files this is the table of'),
  source: z.string().min(1).describe('Where the numbers come from'),
  labels: z
    .record(z.string(), target)
    .superRefine((labels, context) => {
      for (const label of Object.keys(labels)) {
        if (/^[1-9]\d{0,4}$/.test(label) && Number(label) <= LARGEST_LABEL) continue;
        context.addIssue({
          code: 'custom',
          path: [label],
          message: `a label is a whole number from 1 to ${LARGEST_LABEL}`,
        });
      }
      if (new Set(Object.values(labels).map(structureOf)).size > MOST_STRUCTURES) {
        context.addIssue({ code: 'custom', message: `at most ${MOST_STRUCTURES} structures` });
      }
    })
    .transform((labels): Readonly<Record<number, string>> =>
      Object.fromEntries(
        Object.entries(labels).map(([label, one]) => [Number(label), structureOf(one)]),
      ),
    ),
});

export interface LabelMapping {
  readonly title: string;
  readonly source: string;
  /** Label number → structure. */
  readonly labels: Readonly<Record<number, string>>;
}

function structureOf(one: z.infer<typeof target>): string {
  return typeof one === 'string' ? one : one.structure;
}
