import { describe, expect, it } from '@jest/globals';
import { firstOutside, parseDayHours } from '../../src/contracts/index.ts';

const hours = (...texts: string[]) => texts.flatMap((text) => parseDayHours(text) ?? []);
const at = (hour: number, minute = 0, second = 0): Date =>
  new Date(2024, 1, 10, hour, minute, second);

describe('quiet hours', () => {
  it('are waited for until they end, to the minute', () => {
    expect(firstOutside(hours('07:00-19:00'), at(9, 30, 12))).toEqual(at(19));
    expect(firstOutside(hours('07:00-19:00'), at(19))).toEqual(at(19));
    expect(firstOutside(hours('07:00-19:00'), at(6, 59, 59))).toEqual(at(6, 59, 59));
    expect(firstOutside(hours('22:00-06:00'), at(23))).toEqual(at(30));
    expect(firstOutside(hours('22:00-24:00'), at(23))).toEqual(at(24));
  });

  it('may follow each other, and leave time where they leave any', () => {
    const three = hours('12:00-15:00', '07:00-12:30', '15:00-18:00');
    expect(firstOutside(three, at(8))).toEqual(at(18));
    expect(firstOutside(hours('06:00-18:00', '18:00-06:00'), at(8))).toBeNull();
    expect(firstOutside([], at(8))).toEqual(at(8));
  });
});
