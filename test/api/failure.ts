import { expect } from '@jest/globals';

/** An error with this status and code, and with words for a person. */
export function failure(status: number, code: string): unknown {
  return {
    status,
    headers: expect.anything() as unknown,
    body: {
      error: { code, message: expect.stringMatching(/\w/), next: expect.stringMatching(/\w/) },
    },
  };
}
