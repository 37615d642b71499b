import type { Readable } from 'node:stream';
import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { refused } from './errors.ts';
import type { Patience } from './options.ts';

/** An answer that is no redirect; its body must be read or `close`d. */
export interface Answer {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly address: string;
  header(name: string): string | null;
  readonly body: Readable;
  close(): void;
}

export interface Asker {
  /** @throws SitusError DOWNLOAD_REDIRECT (refuse); errors of the network as undici throws them. */
  ask(
    address: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Answer>;
  close(): Promise<void>;
}

const MOST_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/** HTTP as the environment wants it: proxies come from HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export function createAsker(patience: Patience): Asker {
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: patience.connect },
    headersTimeout: patience.answer,
    bodyTimeout: patience.stall,
    pipelining: 1,
  });
  return {
    async ask(address, headers, signal) {
      const seen = new Set<string>();
      let current = address;
      for (;;) {
        seen.add(current);
        const answer = await once(agent, current, headers, signal);
        if (!REDIRECTS.includes(answer.status)) return answer;
        const location = answer.header('location');
        answer.close();
        current = redirected(address, current, location, seen);
      }
    },
    close: () => agent.close(),
  };
}

async function once(
  dispatcher: Dispatcher,
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const raw = await request(address, {
    dispatcher,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'situs', ...headers },
    signal: signal ?? null,
  });
  return {
    status: raw.statusCode,
    address,
    header(name) {
      const value = raw.headers[name];
      return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
    },
    body: raw.body,
    close() {
      raw.body.on('error', () => undefined);
      raw.body.destroy();
    },
  };
}

function redirected(
  first: string,
  from: string,
  location: string | null,
  seen: ReadonlySet<string>,
): string {
  const next = 'Find the right address in a browser, and pull from it.';
  if (location === null || !URL.canParse(location, from)) {
    throw refused('DOWNLOAD_REDIRECT', first, 'redirects to no address', next);
  }
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== new URL(from).protocol) {
    throw refused(
      'DOWNLOAD_REDIRECT',
      first,
      `redirects from https to ${to.protocol}//${to.host}, where everybody on the way could change the file`,
      next,
    );
  }
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    throw refused('DOWNLOAD_REDIRECT', first, `redirects to ${to.protocol}`, next);
  }
  if (seen.has(to.href) || seen.size > MOST_REDIRECTS) {
    const what = seen.has(to.href) ? 'redirects in a circle' : 'redirects too often';
    throw refused('DOWNLOAD_REDIRECT', first, what, next);
  }
  return to.href;
}
