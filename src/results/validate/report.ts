import { COPIED_KEYWORDS } from '../copied.ts';
import type { Volume } from '../../contracts/index.ts';
import { attributeOf, tagText } from '../dicom/dictionary.ts';
import { dicomSource } from '../source.ts';

/** Something that is wrong with an object. */
export interface ValidationFinding {
  /** Stable name of the rule, e.g. `type-1-missing`. */
  readonly rule: string;
  /** An error keeps the object from being stored; a warning is only recorded. */
  readonly level: 'error' | 'warning';
  /** `(0062,0002)` of the attribute; null where no single attribute is at fault. */
  readonly tag: string | null;
  /** Where, items counted from 1: `SegmentSequence[2]/SegmentLabel`. */
  readonly path: string;
  readonly message: string;
}

/** The UIDs of a volume's source. */
export function uidsOfSource(volume: Volume): string[] {
  const source = dicomSource(volume);
  return [
    source.studyInstanceUid,
    source.seriesInstanceUid,
    source.frameOfReferenceUid,
    ...volume.slices.map(({ sopInstanceUid }) => sopInstanceUid),
  ];
}

const copied = new Set(COPIED_KEYWORDS);

/** Collects findings. */
export class ValidationReport {
  readonly findings: ValidationFinding[] = [];
  private readonly sourceUids: ReadonlySet<string>;

  /** @param theirs UIDs that the object refers to and that others made, however ill-formed they are. */
  constructor(theirs: Iterable<string>) {
    this.sourceUids = new Set(theirs);
  }

  error(rule: string, path: string, message: string): void {
    this.add(rule, 'error', path, message);
  }

  /** An error, but only a warning in what was copied from the source word by word. */
  malformed(rule: string, path: string, message: string, value: string | number = ''): void {
    const [root = ''] = path.split(/[[/]/);
    const theirs = copied.has(root) || this.sourceUids.has(String(value));
    this.add(rule, theirs ? 'warning' : 'error', path, message);
  }

  warning(rule: string, path: string, message: string): void {
    this.add(rule, 'warning', path, message);
  }

  /** An error unless a fact holds. */
  expect(fact: boolean, rule: string, path: string, message: string): void {
    if (!fact) this.error(rule, path, message);
  }

  private add(
    rule: string,
    level: ValidationFinding['level'],
    path: string,
    message: string,
  ): void {
    const keyword = /([A-Za-z0-9]+)(\[\d+\])?$/.exec(path)?.[1] ?? '';
    this.findings.push({ rule, level, tag: tagOf(keyword), path, message });
  }
}

function tagOf(keyword: string): string | null {
  if (/^[0-9A-F]{8}$/.test(keyword)) return tagText(Number.parseInt(keyword, 16));
  return keyword === '' ? null : tagText(attributeOf(keyword).tag);
}

/** Path of an element of a data set that stands at `path`. */
export function under(path: string, keyword: string): string {
  return path === '' ? keyword : `${path}/${keyword}`;
}
