import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownProblem, type Problem, ProblemError } from '../../../src/client/problem.ts';
import { Polling } from '../../../src/web/admin/polling.ts';
import { FakeSchedule } from '../../client/support/fake-schedule.ts';

class Asked {
  readonly schedule = new FakeSchedule();
  /** When it was asked, since the beginning. */
  readonly times: number[] = [];
  readonly failures: { readonly code: string; readonly retryInMs: number }[] = [];
  answered = 0;
  trouble: Problem | undefined;
  takesMs = 0;
  readonly #begin = this.schedule.now();
  readonly polling = new Polling({
    everyMs: 2000,
    schedule: this.schedule,
    ask: async (life) => {
      this.times.push(this.schedule.now() - this.#begin);
      if (this.takesMs > 0) await this.schedule.sleep(this.takesMs, life);
      if (this.trouble) throw new ProblemError(this.trouble);
    },
    answered: () => this.answered++,
    failed: ({ code }, retryAt) => this.failures.push({ code, retryInMs: retryAt - this.schedule.now() }),
  });

  pass(ms: number): Promise<void> {
    return this.schedule.advance(ms);
  }
}

describe('asking again and again', () => {
  it('begins at once, goes on at its pace, and stops while nobody looks', async () => {
    const asked = new Asked();
    asked.polling.start();
    asked.polling.start();
    await asked.pass(4500);
    assert.deepEqual(asked.times, [0, 2000, 4000]);
    asked.polling.stop();
    await asked.pass(60_000);
    assert.equal(asked.times.length, 3);
    asked.polling.start();
    await asked.pass(0);
    assert.deepEqual(asked.times.slice(3), [64_500]);
    assert.equal(asked.answered, 4);
    asked.polling.stop();
  });

  it('asks less often for what takes long, so that it takes a tenth of the time at most', async () => {
    const asked = new Asked();
    asked.takesMs = 150;
    asked.polling.start();
    await asked.pass(2100);
    assert.deepEqual(asked.times, [0, 2000]);
    asked.takesMs = 1000;
    await asked.pass(20_000);
    assert.deepEqual(asked.times.slice(2), [4000, 14_000]);
    asked.polling.stop();
  });

  it('waits longer with each failure, as long as the server asks for, and goes on when it is back', async () => {
    const asked = new Asked();
    asked.trouble = ownProblem('unreachable', '');
    asked.polling.start();
    await asked.pass(60_000);
    assert.deepEqual(
      asked.failures.slice(0, 6).map(({ retryInMs }) => retryInMs),
      [1000, 2000, 4000, 8000, 10_000, 10_000],
    );
    asked.trouble = { ...ownProblem('rate-limited', ''), retryAfterMs: 45_000 };
    await asked.pass(10_000);
    assert.deepEqual(asked.failures.at(-1), { code: 'rate-limited', retryInMs: 45_000 });
    asked.trouble = undefined;
    await asked.pass(45_000);
    assert.ok(asked.answered > 0);
    const before = asked.failures.length;
    asked.trouble = ownProblem('unreachable', '');
    await asked.pass(2000);
    assert.equal(asked.failures[before]?.retryInMs, 1000, 'what was before is forgotten');
    asked.polling.stop();
  });

  it('hurries when it is told to, also in the midst of a question', async () => {
    const asked = new Asked();
    asked.polling.start();
    await asked.pass(500);
    asked.polling.hurry();
    await asked.pass(0);
    assert.deepEqual(asked.times, [0, 500]);
    asked.takesMs = 100;
    asked.polling.hurry();
    await asked.pass(50);
    asked.polling.hurry();
    await asked.pass(60);
    assert.deepEqual(asked.times, [0, 500, 500, 600], 'what came before the change is asked for again');
    asked.polling.stop();
  });

  it('says nothing of what comes after its end', async () => {
    const asked = new Asked();
    asked.takesMs = 100;
    asked.polling.start();
    await asked.pass(50);
    asked.polling.stop();
    asked.trouble = ownProblem('unreachable', '');
    await asked.pass(5000);
    assert.deepEqual([asked.answered, asked.failures.length], [0, 0]);
  });
});
