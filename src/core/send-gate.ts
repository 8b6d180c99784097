/**
 * Where a room's messages wait while those who listen cannot keep up: what gathers meanwhile is one append, so that
 * fewer and larger batches are committed, and delivered [FAN-7].
 *
 * Bounded by the requests in flight, each of which awaits one message; whoever closes the gate opens it again soon.
 */

import type { AppendAnswer, MessageDraft } from './store.ts';

interface Waiting {
  readonly draft: MessageDraft;
  resolve(answer: AppendAnswer | Promise<AppendAnswer>): void;
}

export class SendGate {
  readonly #append: (drafts: readonly MessageDraft[]) => Promise<readonly AppendAnswer[]>;
  /** Undefined while the gate is open. */
  #waiting: Waiting[] | undefined;

  /** @param append answers per draft, in their order */
  constructor(append: (drafts: readonly MessageDraft[]) => Promise<readonly AppendAnswer[]>) {
    this.#append = append;
  }

  get isOpen(): boolean {
    return this.#waiting === undefined;
  }

  close(): void {
    this.#waiting ??= [];
  }

  /** Lets through what has gathered, as one append. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting || waiting.length === 0) return;
    const answers = this.#append(waiting.map(({ draft }) => draft));
    for (const [index, { resolve }] of waiting.entries()) {
      resolve(answers.then((all) => answerAt(all, index)));
    }
  }

  /** Appends one message; resolves after the commit [P-1]. */
  send(draft: MessageDraft): Promise<AppendAnswer> {
    if (!this.#waiting) return this.#append([draft]).then((all) => answerAt(all, 0));
    return new Promise((resolve) => this.#waiting?.push({ draft, resolve }));
  }
}

function answerAt(answers: readonly AppendAnswer[], index: number): AppendAnswer {
  const answer = answers[index];
  if (!answer) throw new RangeError('The store gave no answer to a draft.');
  return answer;
}
