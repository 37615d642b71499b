/** Progress of long work: one rewritten line on a terminal, plain lines in a log. */
export interface Progress {
  update(text: string): void;
  /** Ends the line; later output starts on a new one. */
  end(): void;
}

const PLAIN_INTERVAL_MS = 5_000;

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (stream.isTTY) {
    let shown = false;
    return {
      update(text) {
        stream.write(`\r\u001b[2K${text.slice(0, (stream.columns || 80) - 1)}`);
        shown = true;
      },
      end() {
        if (shown) stream.write('\r\u001b[2K');
        shown = false;
      },
    };
  }
  let last = '';
  let lastAt = 0;
  return {
    update(text) {
      const now = Date.now();
      if (text === last || now - lastAt < PLAIN_INTERVAL_MS) return;
      stream.write(`${text}\n`);
      last = text;
      lastAt = now;
    },
    end() {
      last = '';
    },
  };
}
