/** One check after the other, until there is none left or the time is over. */

import { troubleOf } from '../chat/trouble.ts';
import { UsageError } from '../failure.ts';
import { Deadline } from './deadline.ts';
import { type Finding, findingsOf } from './finding.ts';

export class Round {
  readonly deadline: Deadline;
  /** Takes each finding as soon as it is known. */
  readonly tell: (finding: Finding) => void;
  readonly #seconds: number;
  readonly #seen = new Set<string>();
  readonly #unseen = new Set<string>();

  constructor(ms: number, tell: (finding: Finding) => void) {
    this.deadline = new Deadline(ms);
    this.#seconds = Math.round(ms / 1000);
    this.tell = tell;
  }

  /**
   * Tells what is found.
   *
   * @param check its name
   * @returns what was told; nothing if the time was over before the end
   * @throws UsageError only
   */
  async look(
    check: string,
    looking: () => readonly Finding[] | Promise<readonly Finding[]>,
  ): Promise<readonly Finding[]> {
    const findings = this.deadline.isOver ? [] : await found(check, looking);
    // What is cut short here looks like what is cut short on the way.
    if (this.deadline.isOver) {
      this.#unseen.add(check);
      return [];
    }
    this.#seen.add(check);
    for (const finding of findings) this.tell(finding);
    return findings;
  }

  /** Tells what was not looked at, if the time was over. */
  end(): void {
    this.deadline.stop();
    if (!this.deadline.isOver) return;
    const [seen, unseen] = [this.#seen, this.#unseen].map((checks) => [...checks].join(', '));
    this.tell(
      findingsOf('time').problem(
        `After ${this.#seconds} s the doctor stops. Looked at: ${seen || 'nothing'}; not, or not to the end: ${unseen || 'anything'}.`,
        'The server, or what lies on the way, answers too slowly to be examined: look at their load, and call again.',
      ),
    );
  }
}

/** An answer that does not come is a finding too. */
async function found(
  check: string,
  looking: () => readonly Finding[] | Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await looking();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return [findingsOf(check).problem(`It could not be looked at: ${troubleOf(error)}.`)];
  }
}
