import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withDefaults, type ArchiveLimits } from '../../src/archive/config.ts';
import { archiveError, statusError } from '../../src/archive/errors.ts';
import { backOff, Manners, retryAfterSeconds, untilOpen } from '../../src/archive/manners.ts';
import { Slots } from '../../src/archive/slots.ts';
import { TokenBucket } from '../../src/archive/token-bucket.ts';
import { fakeClock } from '../support/fake-clock.ts';

const asked = { archive: 'main', method: 'GET', url: 'http://127.0.0.1/dicom-web/studies' };
const down = archiveError(asked, { code: 'ARCHIVE_UNREACHABLE', what: 'is down', next: 'Wait.' });

function manners(limits: ArchiveLimits = {}) {
  const clock = fakeClock();
  const settings = withDefaults({ name: 'main', url: asked.url, auth: { kind: 'none' }, limits });
  return { clock, manners: new Manners(settings, clock) };
}

describe('the rate', () => {
  it('lets the burst through at once and then keeps to the seconds', async () => {
    const clock = fakeClock();
    const bucket = new TokenBucket(4, 4, clock);
    const begin = clock.now();
    for (let index = 0; index < 4; index += 1) await bucket.take();
    expect(clock.now() - begin).toBe(0);
    for (let index = 0; index < 8; index += 1) await bucket.take();
    expect(clock.now() - begin).toBe(2000);
  });

  it('is never exceeded over any time, whoever asks when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 60 }),
        async (perSecond, pauses) => {
          const clock = fakeClock();
          const bucket = new TokenBucket(perSecond, perSecond, clock);
          const times: number[] = [];
          for (const pause of pauses) {
            clock.advance(pause);
            await bucket.take();
            times.push(clock.now());
          }
          for (const [index, time] of times.entries()) {
            const inSecond = times.slice(index).filter((other) => other < time + 1000).length;
            expect(inSecond).toBeLessThanOrEqual(2 * perSecond);
          }
          const first = times[0] ?? 0;
          const seconds = ((times.at(-1) ?? 0) - first) / 1000;
          expect(times.length).toBeLessThanOrEqual(perSecond + seconds * perSecond + 1e-6);
        },
      ),
      { seed: 20260103 },
    );
  });

  it('can be slower than one a second, and works on after the clock was set back', async () => {
    const clock = fakeClock();
    const bucket = new TokenBucket(0.1, 1, clock);
    await bucket.take();
    clock.advance(-3_600_000);
    const begin = clock.now();
    await bucket.take();
    expect(clock.now() - begin).toBe(10_000);
  });
});

describe('slots', () => {
  it('let so many in, the next in order, and the one that gives up not at all', async () => {
    const slots = new Slots(2);
    const first = await slots.take();
    await slots.take();
    const order: string[] = [];
    const leaving = new AbortController();
    const left = slots.take(leaving.signal).catch(() => order.push('left'));
    const third = slots.take().then((release) => (order.push('third'), release));
    const fourth = slots.take().then(() => order.push('fourth'));
    leaving.abort();
    await left;
    first();
    first();
    const release = await third;
    expect(order).toEqual(['left', 'third']);
    release();
    await fourth;
    expect(order).toEqual(['left', 'third', 'fourth']);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12);
  it.each([
    ['7', 7],
    [' 120 ', 120],
    ['0', 1],
    ['86400', 900],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 1],
    ['Fri, 02 Jan 2026 12:00:00 GMT', 900],
    ['soon', null],
    ['', null],
    [null, null],
  ])('%s', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });
});

describe('back-off', () => {
  it('doubles up to a limit and leaves half to chance', () => {
    const at = (random: number) => [1, 2, 3, 9].map((n) => backOff(n, { random: () => random }));
    expect(at(0)).toEqual([250, 500, 1000, 5000]);
    expect(at(1)).toEqual([500, 1000, 2000, 10_000]);
  });
});

describe('the breaker', () => {
  async function tries(subject: Manners) {
    const admission = await subject.admit(asked, 'search');
    admission.release();
  }

  it('leaves an archive alone after five failures, longer each time, and one request tries again', async () => {
    const { clock, manners: subject } = manners();
    const waits: number[] = [];
    for (let trip = 0; trip < 3; trip += 1) {
      while (subject.condition().state === 'open') {
        await tries(subject);
        subject.failed(down);
      }
      const refusal: unknown = await tries(subject).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
      const { until } = subject.condition();
      waits.push(Date.parse(until ?? '') - clock.now());
      clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1500, 3000, 6000]);
  });

  it('lets only one request through until that one has an answer', async () => {
    const { clock, manners: subject } = manners();
    for (let index = 0; index < 5; index += 1) subject.failed(down);
    clock.advance(10_000);
    const trial = await subject.admit(asked, 'search');
    await expect(subject.admit(asked, 'search')).rejects.toMatchObject({
      details: { retryAfterSeconds: 1 },
    });
    subject.succeeded();
    trial.release();
    await tries(subject);
    expect(subject.condition().state).toBe('open');
  });

  it('lets another one try when the first gave up', async () => {
    const { clock, manners: subject } = manners();
    for (let index = 0; index < 5; index += 1) subject.failed(down);
    clock.advance(10_000);
    (await subject.admit(asked, 'search')).release();
    await expect(tries(subject)).resolves.toBeUndefined();
  });

  it('forgets failures when something succeeds', () => {
    const { manners: subject } = manners();
    for (let index = 0; index < 20; index += 1) {
      subject.failed(down);
      if (index % 4 === 3) subject.succeeded();
    }
    expect(subject.condition().state).toBe('open');
  });

  it('is not tripped by requests that the archive refuses for what they are', () => {
    const { manners: subject } = manners();
    for (let index = 0; index < 20; index += 1) subject.failed(statusError(asked, 404, null));
    expect(subject.condition().state).toBe('open');
    for (let index = 0; index < 5; index += 1) subject.failed(statusError(asked, 500, null));
    expect(subject.condition().state).toBe('paused');
  });
});

describe('what the archive asks for', () => {
  it('is left alone for as long as it wants', async () => {
    const { clock, manners: subject } = manners();
    subject.failed(statusError(asked, 429, 30));
    await expect(subject.admit(asked, 'search')).rejects.toMatchObject({
      code: 'ARCHIVE_BUSY',
      details: { retryAfterSeconds: 30 },
    });
    clock.advance(30_000);
    await expect(subject.admit(asked, 'search')).resolves.toBeDefined();
  });

  it('raises the alarm at the first 401 and at the third 403', () => {
    const { manners: subject } = manners();
    subject.failed(statusError(asked, 403, null));
    subject.failed(statusError(asked, 403, null));
    expect(subject.condition().state).toBe('open');
    subject.failed(statusError(asked, 403, null));
    expect(subject.condition()).toMatchObject({ state: 'unauthorized' });
    const { manners: other, clock } = manners();
    other.failed(statusError(asked, 401, null));
    clock.advance(3_600_000);
    expect(other.condition().state).toBe('unauthorized');
    other.succeeded();
    expect(other.condition().state).toBe('open');
  });
});

describe('hours of the day', () => {
  const at = (hours: number, minutes: number) => new Date(2026, 0, 5, hours, minutes, 20);
  const night = [{ from: '19:30', to: '06:00' }];
  it.each([
    [at(19, 29), 40],
    [at(19, 30), 0],
    [at(23, 59), 0],
    [at(5, 59), 0],
    [at(6, 0), 13.5 * 3600 - 20],
  ])('%s', (now, seconds) => {
    expect(untilOpen(night, now)).toBe(seconds);
  });

  it('may be several windows, the whole day, or none at all', () => {
    const two = [
      { from: '08:00', to: '09:00' },
      { from: '12:00', to: '13:00' },
    ];
    expect(untilOpen(two, at(11, 59))).toBe(40);
    expect(untilOpen(two, at(12, 30))).toBe(0);
    expect(untilOpen([{ from: '07:00', to: '07:00' }], at(3, 0))).toBe(0);
    expect(untilOpen([], at(3, 0))).toBe(0);
  });

  it('keeps requests back and says until when', async () => {
    const hour = new Date(fakeClock().now()).getHours();
    const later = `${String((hour + 1) % 24).padStart(2, '0')}:00`;
    const end = `${String((hour + 2) % 24).padStart(2, '0')}:00`;
    const { clock, manners: subject } = manners({ hours: [{ from: later, to: end }] });
    await expect(subject.admit(asked, 'transfer')).rejects.toMatchObject({
      code: 'ARCHIVE_CLOSED',
      details: { retryAfterSeconds: 3600 },
    });
    clock.advance(3_600_000);
    await expect(subject.admit(asked, 'transfer')).resolves.toBeDefined();
  });
});
