import { describe, expect, it } from '@jest/globals';
import { asksFor } from '../../src/routing/index.ts';
import { leave, ruleSet } from './fixtures.ts';

describe('the record is asked for earlier results', () => {
  it('only where a rule has a condition on them, however deep', () => {
    const asked = (when: Parameters<typeof leave>[1]): boolean =>
      asksFor(ruleSet(leave('first', {}, 'no'), leave('second', when, 'no')), 'earlier');
    expect(asked({ earlier: 'none' })).toBe(true);
    expect(asked({ any: [{ not: { study: { all: [{ earlier: 'none' }] } } }] })).toBe(true);
    expect(asked({ description: 'earlier', station: ['earlier'] })).toBe(false);
  });
});
