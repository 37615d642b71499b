import { badAnswer, truncated } from './errors.ts';
import { patiently } from './patience.ts';
import { readAll, requireSuccess, type Answer, type Transport } from './transport.ts';

/**
 * JSON of a successful answer. Throws ARCHIVE_TRUNCATED_ANSWER when it stops in the middle and
 * ARCHIVE_BAD_ANSWER when it is something else. An empty body, and whatever a refusal has instead
 * of JSON, is null.
 */
export function parseJson(body: Buffer, answer: Answer): unknown {
  const text = body.toString('utf8').trim();
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (answer.status < 200 || answer.status > 299) return null;
    const type = answer.header('content-type') ?? 'no type';
    if (/html/i.test(type) || text.startsWith('<')) {
      const what = `answered with a page (${type.slice(0, 60)}) instead of JSON`;
      throw badAnswer(answer.asked, answer.status, what, error);
    }
    throw brokenJson(text, answer, error);
  }
}

function brokenJson(text: string, answer: Answer, cause: unknown) {
  const begins = text.startsWith('[') || text.startsWith('{');
  const ends = text.endsWith(text.startsWith('[') ? ']' : '}');
  return begins && !ends
    ? truncated(answer.asked, answer.status, 'the JSON stops in the middle', cause)
    : badAnswer(answer.asked, answer.status, 'answered with something that is no JSON', cause);
}

/** GET of JSON that is not DICOM's. Throws the typed errors; the manners are told. */
export function getJson(transport: Transport, url: string, signal?: AbortSignal): Promise<unknown> {
  return patiently(transport.clock, signal, async () => {
    const headers = { accept: 'application/json' };
    const answer = await transport.send({ method: 'GET', url, headers, kind: 'search', signal });
    requireSuccess(transport, answer);
    return parseJson(await readAll(answer, transport.settings.limits.jsonBytes), answer);
  });
}
