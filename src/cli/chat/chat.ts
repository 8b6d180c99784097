/** `parlor chat URL`: a member of a room, at a terminal or in a pipe. */

import { RoomClient } from '../../client/index.ts';
import type { Arguments } from '../arguments.ts';
import { wholeNumber } from '../whole-number.ts';
import { addressOf } from './address.ts';
import { findPlace } from './contact.ts';
import { enter } from './enter.ts';
import { entryFor } from './entry.ts';
import { Lines } from './lines.ts';
import { loginToken } from './login-token.ts';
import { endOfPatience } from './patience.ts';
import { pullingFetch } from './pulling.ts';
import { beforeSignalsAsync } from './signals.ts';
import { styleOf } from './style.ts';
import { Talk } from './talk.ts';

const maxLast = 1000;
const usualLast = 20;
/** Between messages people come and go: so many events are read for each message that is shown. */
const eventsPerMessage = 5;
const maxSeconds = 1_000_000;

export async function chat({ operand, options }: Arguments): Promise<void> {
  const { stdin, stdout, env } = process;
  const address = addressOf(operand);
  const isJson = options.json !== undefined;
  const isPull = options.pull !== undefined;
  const isScreen = stdin.isTTY && stdout.isTTY && !isJson && env.TERM !== 'dumb';
  const last = wholeNumber('--last', options.last, maxLast) ?? (stdin.isTTY && !isJson ? usualLast : 0);
  const seconds = wholeNumber('--timeout', options.timeout, maxSeconds);
  const patienceMs = seconds === undefined ? undefined : seconds * 1000;

  const { url, room } = await findPlace(address, patienceMs ?? 0);
  const token = loginToken(options['token-file']);
  const client = new RoomClient({
    url,
    room,
    token,
    history: isScreen ? Math.min(maxLast, last * eventsPerMessage) : last,
    fetch: isPull ? pullingFetch : undefined,
  });
  const style = styleOf(stdout, env);
  const say = (text: string) => void process.stderr.write(`parlor: ${text}\n`);
  const stay = isScreen
    ? new Talk({ client, input: stdin, output: stdout, style, isPull, last, room })
    : new Lines({
        client,
        input: stdin,
        output: stdout,
        say,
        style,
        isJson,
        isPull,
        isTyped: stdin.isTTY === true,
      });
  const impatience = endOfPatience(client, patienceMs);
  impatience.catch(() => {});

  const login = await client.api.getLogin();
  const takes = login.ok ? login.body : undefined;
  const entry = await entryFor(takes, options.name, token !== undefined, `${url}/${room}`);
  await enter(client, entry, patienceMs ?? 0);
  const release = beforeSignalsAsync(() => stay.leave());
  try {
    await Promise.race([stay.run(), impatience]);
  } finally {
    release();
    stay.stop();
    client.close();
    // What still waits for an answer keeps nobody.
    setTimeout(() => process.exit(), 200).unref();
  }
}
