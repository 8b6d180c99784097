/** Asks who sits at the terminal. */

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Failure } from '../failure.ts';
import { notLetIn } from './exit-codes.ts';

/** Whether somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * @param isHidden what is typed is not shown
 * @throws Failure if there is no answer
 */
export function ask(question: string, isHidden = false): Promise<string> {
  // Not on stdout, which may lead into a file.
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? silence : process.stderr,
    terminal: true,
    historySize: 0,
  });
  return new Promise((resolve, reject) => {
    if (isHidden) process.stderr.write(question);
    const givesUp = () => {
      process.stderr.write('\n');
      reject(new Failure('Nothing was given.', notLetIn));
    };
    lines.once('close', givesUp);
    lines.question(isHidden ? '' : question, (answer) => {
      // This one only: by one of its own it lets go of the keys, or it would echo all that is typed from now on.
      lines.off('close', givesUp);
      lines.close();
      if (isHidden) process.stderr.write('\n');
      resolve(answer.trim());
    });
  });
}
