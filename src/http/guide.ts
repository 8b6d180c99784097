/** A short guide for whoever opens a room with `curl`; its lines work when pasted. */

import type { Config } from '../config/config.ts';

/** @param base how the client reaches this server, without a slash at the end */
export function guideText(base: string, room: string, config: Config): string {
  const url = `${base}/v1/rooms/${room}`;
  const timeout =
    config.sessionTimeoutMs === null
      ? ''
      : `\n(ask again within ${config.sessionTimeoutMs / 1000} seconds, or you are taken for gone)`;
  return `Parlor, room "${room}". Open ${base}/${room} in a browser, or
${base}/plain/${room} in a text browser, or go on here with curl.

Join as Ada; the session is kept in the file "jar":
  curl -b jar -c jar -d name=Ada '${url}/session'

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
