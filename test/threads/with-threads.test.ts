import { describe, expect, it } from '@jest/globals';
import { fault } from '../../src/contracts/index.ts';
import { type Ask, withThreads } from '../../src/threads/index.ts';

function adding(
  count: number,
  work: (ask: Ask<number, number>) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  return withThreads(
    {
      file: new URL('./answering-thread.ts', import.meta.url),
      data: 100,
      count,
      died: (task, code) => fault('DIED', `task ${task}, code ${code}`),
      ...(signal === undefined ? {} : { signal }),
    },
    work,
  );
}

describe('threads that answer tasks', () => {
  it('answer each task with what they were given at the start', async () => {
    const tasks = [1, 2, 3, 4, 5];
    const answers: number[] = [];
    await adding(2, async (ask) => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
        answers.push(await ask(task));
      }
    });
    expect(answers.sort((a, b) => a - b)).toEqual([101, 102, 103, 104, 105]);
  });

  it('pass on what a task throws, and go on', async () => {
    await adding(1, async (ask) => {
      await expect(ask(-1)).rejects.toMatchObject({
        code: 'NEGATIVE',
        errorClass: 'refuse',
        details: { task: -1 },
      });
      expect(await ask(1)).toBe(101);
    });
  });

  it('fail the task during which a thread ends', async () => {
    const asked = adding(1, async (ask) => void (await ask(0)));
    await expect(asked).rejects.toMatchObject({ code: 'DIED', message: 'task 0, code 3' });
  });

  it('end when they are told to, with the reason', async () => {
    const stopping = new AbortController();
    const reason = new Error('enough');
    const asked = adding(
      2,
      async (ask) => {
        await ask(1);
        stopping.abort(reason);
        await ask(2);
      },
      stopping.signal,
    );
    await expect(asked).rejects.toBe(reason);
  });
});
