import { InvalidArgumentError } from 'commander';

/** Items between commas, without blanks around them. */
export function list(text: string): readonly string[] {
  return text.split(',').map((one) => one.trim());
}

/** A whole number from 1. */
export function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Not a whole number.');
  return number;
}
