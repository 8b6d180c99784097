/** A short guide for whoever opens a room with `curl`; its lines work when pasted. */

import type { AuthChoice } from '../config/auth-types.ts';
import type { Config } from '../config/config.ts';

type AuthType = AuthChoice['type'];

/** @param base how the client reaches this server, without a slash at the end */
export function guideText(base: string, room: string, config: Config): string {
  const url = `${base}/v1/rooms/${room}`;
  const timeout =
    config.sessionTimeoutMs === null
      ? ''
      : `\n(ask again within ${config.sessionTimeoutMs / 1000} seconds, or you are taken for gone)`;
  return `Parlor, room "${room}". Open ${base}/${room} in a browser, or
${base}/plain/${room} in a text browser, or go on here with curl.

${joinText(`${url}/session`, config)}

Say something, see who is there, and read what is new since the last time${timeout}:
  curl -b jar -d 'message=Hello!' '${url}/session/messages'
  curl -b jar '${url}/session/users'
  curl -b jar '${url}/session/updates'

Wait up to 25 seconds for news, or follow the room live until Ctrl-C:
  curl -b jar '${url}/session/updates?wait=25'
  curl -N -b jar '${url}/session/events'

Leave:
  curl -b jar -X DELETE '${url}/session'
${config.feed === 'public' ? `\nWatch without joining, with the last ten events first:\n  curl -N '${url}/feed?last=10'\n` : ''}`;
}

/** What each way of coming in takes on a command line. */
const given: Readonly<Record<Exclude<AuthType, 'open'>, string>> = {
  file: '-d name=NAME -d password=PASSWORD',
  webhook: '-d name=NAME -d password=PASSWORD',
  jwt: '-H "Authorization: Bearer $TOKEN" -d delivery=pull',
  certificate: '--cert FILE --key FILE -d delivery=pull',
};

/** Whoever need not say who he is comes in as Ada. */
function joinText(url: string, { auth }: Config): string {
  const kept = 'the session is kept in the file "jar":';
  const line = (what: string): string => `  curl -b jar -c jar ${what} '${url}'`;
  const types = auth.map(({ type }) => type);
  if (types.includes('open')) return `Join as Ada; ${kept}\n${line('-d name=Ada')}`;
  const ways = [...new Set(types.flatMap((type) => (type === 'open' ? [] : given[type])))];
  return `Join with what you have in place of the capitals; ${kept}\n${ways.map(line).join('\nor\n')}`;
}
