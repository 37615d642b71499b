import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundaryOf, MultipartError, readMultipart } from '../../src/archive/multipart.ts';

const LIMITS = { partBytes: 1 << 20 };

async function* inPieces(body: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < body.length; index += 1) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? body.length);
    yield body.subarray(at, at + size);
    at += size;
  }
  await Promise.resolve();
}

async function read(body: string | Uint8Array, boundary = 'b', sizes: readonly number[] = []) {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  const parts = [];
  for await (const part of readMultipart(inPieces(bytes, sizes), boundary, LIMITS)) {
    parts.push({ headers: Object.fromEntries(part.headers), bytes: part.bytes });
  }
  return parts;
}

function write(boundary: string, bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat([
    ...bodies.flatMap((body) => [
      Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      body,
    ]),
    Buffer.from(`\r\n--${boundary}--`),
  ]);
}

describe('the boundary of a content type', () => {
  it.each([
    ['multipart/related; type="application/dicom"; boundary=abc', 'abc'],
    ['multipart/related; boundary="a b;c"; type="application/dicom"', 'a b;c'],
    ['Multipart/Related; BOUNDARY=abc', 'abc'],
    ['multipart/related; boundary="a\\"b"', 'a"b'],
    ['multipart/related; type="x; boundary=no"; boundary=yes', 'yes'],
    ['multipart/related; type="application/dicom"', null],
    ['multipart/related; boundary=""', null],
    [`multipart/related; boundary=${'x'.repeat(300)}`, null],
    ['text/html; boundary=abc', null],
    [null, null],
  ])('%s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });
});

describe('reading parts', () => {
  it('gives back what was written, however it is cut into pieces', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    // Bytes that look much like a boundary are the hard case.
    const nasty = fc
      .array(fc.constantFrom('\r', '\n', '-', '\r\n--', '\r\n--b', '\r\n--bo', 'x'), {
        maxLength: 30,
      })
      .map((pieces) => new Uint8Array(Buffer.from(pieces.join(''), 'latin1')));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(bytes, nasty), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
        async (bodies, sizes) => {
          const parts = await read(write('bound', bodies), 'bound', sizes);
          expect(parts.map((part) => Buffer.from(part.bytes).toString('hex'))).toEqual(
            bodies.map((body) => Buffer.from(body).toString('hex')),
          );
        },
      ),
      { seed: 20260101, numRuns: 300 },
    );
  });

  it('never takes a body that was cut anywhere for a whole one', async () => {
    const whole = write('bound', [new Uint8Array(40).fill(7), new Uint8Array(9).fill(45)]);
    for (let length = 0; length < whole.length; length += 1) {
      await expect(read(whole.subarray(0, length), 'bound', [5])).rejects.toMatchObject({
        kind: 'truncated',
      });
    }
    expect(await read(whole, 'bound', [5])).toHaveLength(2);
  });

  it('reads part headers, padding after boundaries, a preamble and an epilogue', async () => {
    const body =
      'hello\r\n--b \t\r\nContent-Type: application/dicom\r\nMIME-Version: 1.0\r\n\r\nAB\r\n--b\r\n\r\nno header\r\n--b--\r\nbye';
    expect(await read(body)).toEqual([
      {
        headers: { 'content-type': 'application/dicom', 'mime-version': '1.0' },
        bytes: new Uint8Array([65, 66]),
      },
      { headers: {}, bytes: new Uint8Array(Buffer.from('no header')) },
    ]);
  });

  it('takes no parts at all for what it is', async () => {
    expect(await read('--b--')).toEqual([]);
  });

  it.each([
    ['a part above the limit', `--b\r\n\r\n${'x'.repeat(LIMITS.partBytes + 1)}\r\n--b--`],
    ['an endless header', `--b\r\nX: ${'x'.repeat(20_000)}`],
    ['a header line without a name', '--b\r\nnonsense\r\n\r\nx\r\n--b--'],
    ['an endless preamble', 'x'.repeat(70_000)],
  ])('refuses %s', async (_what, body) => {
    await expect(read(body)).rejects.toMatchObject({ kind: 'malformed' });
    await expect(read(body)).rejects.toBeInstanceOf(MultipartError);
  });

  it('holds one part at a time and stops the source when the reader stops', async () => {
    let given = 0;
    let stopped = false;
    const source = (async function* () {
      try {
        for (;;) {
          given += 1;
          yield Buffer.from(`\r\n--b\r\n\r\n${'x'.repeat(1000)}`);
          await Promise.resolve();
        }
      } finally {
        stopped = true;
      }
    })();
    const parts = readMultipart(source, 'b', LIMITS);
    await parts.next();
    expect(given).toBe(2);
    await parts.return(undefined);
    expect(stopped).toBe(true);
  });
});
