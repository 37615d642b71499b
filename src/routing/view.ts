import type {
  EarlierResult,
  HeaderValue,
  SequenceMatch,
  SeriesHeaders,
  StackHeaders,
  StudyHeaders,
} from '../contracts/index.ts';

/** A series as rules see it: its headers, what it is, and the stack that carries that. */
export interface SeriesView {
  readonly study: StudyView;
  readonly headers: SeriesHeaders;
  readonly match: SequenceMatch;
  /** Null when the series has no images. */
  readonly stack: StackHeaders | null;
}

export interface StudyView {
  readonly headers: StudyHeaders;
  readonly matches: readonly SequenceMatch[];
  /** Stored results of Situs in this study; null where nobody asked the record. */
  readonly earlier: readonly EarlierResult[] | null;
}

export function seriesView(
  study: StudyView,
  headers: SeriesHeaders,
  match: SequenceMatch,
): SeriesView {
  const stack = headers.stacks.find((one) => one.id === match.stackId) ?? null;
  return { study, headers, match, stack };
}

/** An attribute of the stack, else of the series, else of the study. */
export function attributeOf(view: SeriesView, keyword: string): HeaderValue | undefined {
  return (
    view.stack?.attributes[keyword] ??
    view.headers.attributes[keyword] ??
    view.study.headers.attributes[keyword]
  );
}

export function textOf(value: HeaderValue | undefined): string | null {
  if (value === undefined) return null;
  const text = typeof value === 'object' ? value.join('\\') : String(value);
  return text.trim() === '' ? null : text;
}

/** The series in words for a reader: its number and description where it has them. */
export function nameOf(view: SeriesView): string {
  const number = textOf(view.headers.attributes['SeriesNumber']);
  const description = textOf(attributeOf(view, 'SeriesDescription'));
  const numbered = number === null ? 'series' : `series ${number}`;
  return description === null
    ? `${numbered} (${view.headers.seriesInstanceUid})`
    : `${numbered} "${description}"`;
}

/** Frames of the stack, else instances of the series. */
export function sliceCountOf(view: SeriesView): number {
  const frames = view.stack?.frames.length ?? 0;
  return frames > 0 ? frames : view.headers.instanceCount;
}
