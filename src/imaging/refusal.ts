import { refuse } from '../contracts/index.ts';
import type { SitusError } from '../contracts/index.ts';

/** Where in a series something went wrong. */
export interface Place {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUids?: readonly string[];
  /** 1-based, for multi-frame instances. */
  readonly frameNumber?: number | null;
}

/** How many instances a message names; `details` has them all. */
const NAMED = 5;

/** A refusal that says in words and in details which series, instances and frame it is about. */
export function refuseSeries(
  code: string,
  place: Place,
  what: string,
  next: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): SitusError {
  return refuse(
    code,
    `Series ${place.seriesInstanceUid || '(without UID)'}${placeWords(place)}: ${what}`,
    next,
    {
      seriesInstanceUid: place.seriesInstanceUid,
      sopInstanceUids: place.sopInstanceUids ?? [],
      ...(typeof place.frameNumber === 'number' ? { frameNumber: place.frameNumber } : {}),
      ...details,
    },
    cause,
  );
}

function placeWords({ sopInstanceUids = [], frameNumber }: Place): string {
  if (sopInstanceUids.length === 0) return '';
  const named = sopInstanceUids.slice(0, NAMED).join(', ');
  const more = sopInstanceUids.length - NAMED;
  const frame = typeof frameNumber === 'number' ? `, frame ${frameNumber}` : '';
  const noun = sopInstanceUids.length === 1 ? 'instance' : 'instances';
  return `, ${noun} ${named}${more > 0 ? ` and ${more} more` : ''}${frame}`;
}
