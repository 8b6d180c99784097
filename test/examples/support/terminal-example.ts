/**
 * The proof that an example for the terminal is right: all of them take the same arguments and print the same lines, so
 * that one suite judges them, by what the room's log has.
 */

import type { TestContext } from 'node:test';
import { describesFollowing } from './following.ts';
import { describesManners } from './manners.ts';
import { Typist } from './typist.ts';

export interface TerminalExample {
  /** The command that a user types before the arguments; undefined if the test is skipped. */
  readonly command: (t: TestContext) => Promise<readonly string[] | undefined>;
  /** The first one is what the manners are tested with: they do not depend on it. */
  readonly deliveries: readonly ('push' | 'pull')[];
}

/** Starts Ada, who types, at a server; undefined if the test is skipped. */
export type Start = (t: TestContext, url: string) => Promise<Typist | undefined>;

export function describesTerminalExample({ command, deliveries }: TerminalExample): void {
  for (const [index, delivery] of deliveries.entries()) {
    const start: Start = async (t, url) => {
      const typed = await command(t);
      const flags = delivery === 'pull' ? ['--pull'] : [];
      return typed && Typist.start(t, [...typed, `${url}/lobby`, '--name', 'Ada', ...flags]);
    };
    describesFollowing(start, delivery);
    if (index === 0) describesManners(start);
  }
}
