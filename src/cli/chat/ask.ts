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
    lines.once('close', () => {
      process.stderr.write('\n');
      reject(new Failure('Nothing was given.', notLetIn));
    });
    lines.question(isHidden ? '' : question, (answer) => {
      lines.removeAllListeners('close');
      lines.close();
      if (isHidden) process.stderr.write('\n');
      resolve(answer.trim());
    });
  });
}
