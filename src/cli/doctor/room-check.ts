/** Whether the room is there, and the API with it. */

import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { codeOf, jsonIn } from './line.ts';
import type { Server } from './server.ts';

const proxies = 'docs/proxies.md';

export async function checkRoom({ line, room }: Server): Promise<Finding[]> {
  const { ok, problem, warning, untried } = findingsOf('room');
  if (room === undefined)
    return [
      untried(
        'No room was named, and the server lists none.',
        'Give the address of a room, such as URL/lobby.',
      ),
    ];
  const answer = await line.ask(`/v1/rooms/${encodeURIComponent(room)}`);
  const body = jsonIn(answer);
  const members = memberOf(body, 'members');
  if (memberOf(body, 'name') === room) {
    return [
      ok(
        `The room ${said(room)} is there, with ${typeof members === 'number' ? members : 'no number of'} member${members === 1 ? '' : 's'}.`,
      ),
    ];
  }
  const detail = said(memberOf(body, 'detail'));
  switch (codeOf(answer)) {
    case 'credentials-required':
      return [ok(`The room ${said(room)} is there, for members only.`)];
    case 'room-not-found':
    case 'invalid-request':
      return [problem(`There is no room ${said(room)}.`, 'Check the address, or put the room into ROOMS.')];
    case undefined:
      return [
        problem(
          `The API is answered by ${answer.status}, and not by Parlor.`,
          `Lead /v1/ to Parlor (${proxies}).`,
        ),
      ];
    default:
      return [warning(`The room cannot be looked at: ${detail}`)];
  }
}
