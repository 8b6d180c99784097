import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pass, Passes } from '../../src/delivery/passes.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** One turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A pass over so many targets, each of which takes a millisecond. */
class Work implements Pass {
  readonly #clock: FakeClock;
  readonly #targets: number;
  readonly #stepMs: number;
  #done = 0;
  /** Targets in each slice. */
  readonly slices: number[] = [];
  /** When passes began and ended. */
  readonly passes: { readonly start: number; end?: number }[] = [];
  onStep = (): void => {};

  constructor(clock: FakeClock, targets: number, stepMs = 1) {
    this.#clock = clock;
    this.#targets = targets;
    this.#stepMs = stepMs;
  }

  advance(isOver: () => boolean): boolean {
    if (this.#done === 0) this.passes.push({ start: this.#clock.monotonic() });
    let inSlice = 0;
    while (this.#done < this.#targets) {
      this.#done += 1;
      inSlice += 1;
      this.#clock.advance(this.#stepMs);
      this.onStep();
      if (isOver()) break;
    }
    this.slices.push(inSlice);
    if (this.#done < this.#targets) return false;
    this.#done = 0;
    const pass = this.passes.at(-1);
    if (pass) pass.end = this.#clock.monotonic();
    return true;
  }
}

test('[FAN-7] a slice lasts as long as the loop spent elsewhere, at least 1 ms and at most 8', async () => {
  const clock = new FakeClock();
  const work = new Work(clock, 1_000);
  const passes = new Passes(clock);
  passes.request(work);
  clock.advance(1_000);
  await turn();
  assert.deepEqual(work.slices, [8], 'after a long while elsewhere');
  await turn();
  assert.deepEqual(work.slices, [8, 1], 'with nothing elsewhere');
  for (const elsewhereMs of [3, 7, 10, 25, 0]) {
    clock.advance(elsewhereMs);
    await turn();
  }
  assert.deepEqual(work.slices.slice(2), [3, 7, 8, 8, 1]);
});

test('[FAN-2] a pass is followed by the next one no sooner than it took, or 20 ms', async () => {
  for (const [tookMs, restMs] of [
    [1, 1],
    [5, 5],
    [20, 20],
    [300, 20],
  ] as const) {
    const clock = new FakeClock();
    const work = new Work(clock, tookMs);
    const passes = new Passes(clock);
    passes.request(work);
    for (let turns = 0; turns < 1_000 && work.passes[0]?.end === undefined; turns++) await turn();
    const { end = 0 } = work.passes[0] ?? {};
    passes.request(work);
    passes.request(work);
    clock.advance(restMs - 1);
    await turn();
    assert.equal(work.passes.length, 1, `before the rest after ${tookMs} ms is over`);
    clock.advance(1);
    await turn();
    assert.equal(work.passes.length, 2);
    assert.equal(work.passes[1]?.start, end + restMs);
  }
});

test('[FAN-2] passes that follow each other without end rest longer', async () => {
  const clock = new FakeClock();
  const work = new Work(clock, 4);
  const passes = new Passes(clock);
  work.onStep = () => passes.request(work);
  passes.request(work);
  for (let turns = 0; turns < 100 && work.passes.length < 4; turns++) {
    await turn();
    // Timers of the clock have whole milliseconds here.
    if (work.passes.at(-1)?.end !== undefined) clock.advance(1);
  }
  const rests = work.passes.slice(1).map(({ start }, index) => start - (work.passes[index]?.end ?? 0));
  assert.deepEqual(rests, [4, 7, 7]);
});

test('[FAN-2] at low load a pass comes with the next turn', async () => {
  const clock = new FakeClock();
  const work = new Work(clock, 1, 0.5);
  const passes = new Passes(clock);
  for (let count = 1; count <= 3; count++) {
    passes.request(work);
    await turn();
    assert.equal(work.passes.length, count);
  }
  assert.equal(clock.pending, 0);
});

test('what is asked for while a pass is under way or rests is one more pass, and no more', async () => {
  const clock = new FakeClock();
  const work = new Work(clock, 5);
  const passes = new Passes(clock);
  work.onStep = () => {
    if (work.passes.length === 1) passes.request(work);
  };
  passes.request(work);
  passes.request(work);
  for (let turns = 0; turns < 50; turns++) {
    await turn();
    clock.advance(20);
  }
  assert.equal(work.passes.length, 2);
  assert.equal(clock.pending, 0);
});

test('[FAN-7] passes never overlap, and each gets a slice before one gets the next', async () => {
  const clock = new FakeClock();
  const passes = new Passes(clock);
  const order: string[] = [];
  let running = 0;
  const works = ['a', 'b', 'c'].map((name) => {
    const work = new Work(clock, 3);
    work.onStep = () => order.push(name);
    return {
      advance(isOver: () => boolean): boolean {
        assert.equal(running, 0);
        running += 1;
        const isDone = work.advance(isOver);
        running -= 1;
        return isDone;
      },
    };
  });
  for (const work of works) passes.request(work);
  for (let turns = 0; turns < 9; turns++) await turn();
  // The first slice follows a long while elsewhere, and all but one target fit into it.
  assert.equal(order.join(''), 'aaabbbccc');
});

test('[FAN-7] many short passes share a slice: no room waits a turn for each of the others', async () => {
  const clock = new FakeClock();
  const passes = new Passes(clock);
  const works = Array.from({ length: 60 }, () => new Work(clock, 1, 0.1));
  for (const work of works) passes.request(work);
  await turn();
  assert.ok(works.every((work) => work.passes.length === 1));
});

test('[FAN-7] long passes take turns slice by slice', async () => {
  const clock = new FakeClock();
  const passes = new Passes(clock);
  const works = ['a', 'b', 'c'].map(() => new Work(clock, 20));
  for (const work of works) passes.request(work);
  for (let turns = 0; turns < 6; turns++) await turn();
  assert.deepEqual(
    works.map(({ slices }) => slices.length),
    [2, 2, 2],
  );
});
