import { describe, expect, it } from '@jest/globals';
import { Health } from '../../src/telemetry/index.ts';

describe('Health', () => {
  it('is as well as its worst part', () => {
    const health = new Health();
    health.report('database', 'ok', 'connected');
    expect(health.summary().level).toBe('ok');
    health.report('archive main', 'degraded', 'slow');
    expect(health.summary().level).toBe('degraded');
    health.report('database', 'down', 'no answer');
    expect(health.summary().level).toBe('down');
  });

  it('keeps the time at which a level began', () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const health = new Health(() => now);
    health.report('archive main', 'down', 'refused');
    now = new Date('2026-01-01T00:05:00Z');
    health.report('archive main', 'down', 'timed out');
    expect(health.summary().parts['archive main']).toEqual({
      level: 'down',
      message: 'timed out',
      since: '2026-01-01T00:00:00.000Z',
    });
    health.report('archive main', 'ok', 'answers');
    expect(health.summary().parts['archive main']?.since).toBe('2026-01-01T00:05:00.000Z');
  });
});
