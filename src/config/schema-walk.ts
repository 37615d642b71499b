import { z } from 'zod';

type Path = readonly PropertyKey[];

/** The keys that the schema knows at a path; empty where anything may stand there. */
export function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  const keys = new Set<string>();
  for (const found of schemasAt(schema, path)) {
    if (found instanceof z.ZodObject) for (const key of Object.keys(found.shape)) keys.add(key);
  }
  return [...keys];
}

/** All schemas that may stand at a path; several where a union branches. */
function schemasAt(schema: z.ZodType, path: Path): readonly z.ZodType[] {
  let current = unwrap(schema);
  for (const step of path) current = current.flatMap((one) => below(one, step)).flatMap(unwrap);
  return current;
}

function below(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const inner: unknown = schema.shape[String(step)];
    return inner instanceof z.ZodType ? [inner] : [];
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodType) return [schema.element];
  if (schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodType)
    return [schema.valueType];
  return [];
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return inner(schema.unwrap());
  }
  if (schema instanceof z.ZodLazy) return inner(schema.unwrap());
  if (schema instanceof z.ZodPipe) return inner(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => inner(option));
  return [schema];
}

function inner(schema: unknown): z.ZodType[] {
  return schema instanceof z.ZodType ? unwrap(schema) : [];
}
