/** A password from the terminal, where it is not shown, or from the standard input; never from arguments, which others see. */

import { quote } from '../core/quote.ts';
import { Failure } from './failure.ts';

const leastCharacters = 8;
const maxBytes = 1024;

/** @throws Failure if there is none, or it is no good */
export async function readPassword(name: string): Promise<string> {
  const { stdin } = process;
  const password = stdin.isTTY ? await typeTwice(name) : await firstLine(stdin);
  if ([...password].length < leastCharacters) {
    throw new Failure(`A password has at least ${leastCharacters} characters.`);
  }
  if (Buffer.byteLength(password) > maxBytes) throw new Failure(`A password has at most ${maxBytes} bytes.`);
  return password;
}

async function typeTwice(name: string): Promise<string> {
  const keys = typed();
  const { stdin } = process;
  stdin.setRawMode(true);
  try {
    const password = await typeLine(`Password for ${quote(name)}: `, keys);
    if ((await typeLine('Once more: ', keys)) !== password) throw new Failure('These were two passwords.');
    return password;
  } finally {
    stdin.setRawMode(false);
    // Or it would keep the process waiting for more.
    await keys.return(undefined);
  }
}

async function typeLine(question: string, keys: AsyncGenerator<string>): Promise<string> {
  process.stderr.write(question);
  const line: string[] = [];
  try {
    for (;;) {
      const { value: key, done } = await keys.next();
      if (done) throw new Failure('There came no password.');
      if (key === '\r' || key === '\n') return line.join('');
      // In raw mode the terminal makes no signals of what is typed: Ctrl-C, and Ctrl-D.
      if (key === '\u0003' || key === '\u0004') throw new Failure('Interrupted; nothing was changed.');
      if (key === '\u007f' || key === '\b') line.pop();
      // Ctrl-U
      else if (key === '\u0015') line.length = 0;
      else line.push(key);
    }
  } finally {
    process.stderr.write('\n');
  }
}

/** What is typed, character by character; much may come at once. */
async function* typed(): AsyncGenerator<string> {
  process.stdin.setEncoding('utf8');
  for await (const text of process.stdin) yield* String(text);
}

async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  input.setEncoding('utf8');
  let text = '';
  for await (const piece of input) {
    text += piece;
    if (text.includes('\n') || text.length > maxBytes) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '')
    throw new Failure('Expected a password in the first line of the standard input; it is empty.');
  return line;
}
