import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatRegistry, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type ErrorCode, errorCodes } from '../../src/core/errors.ts';
import type * as core from '../../src/core/events.ts';
import type { SessionHandle } from '../../src/core/hooks.ts';
import type { SendAnswer as CoreSendAnswer } from '../../src/core/sending.ts';
import type { ProblemBody } from '../../src/http/errors.ts';
import { Problem } from '../../src/schemas/common.ts';
import type {
  AnnouncementEvent,
  ChatRoomEvent,
  JoinEvent,
  LeaveEvent,
  MessageEvent,
  RedactionEvent,
} from '../../src/schemas/events.ts';
import { EventsAnswer, RoomAnswer, RoomsAnswer } from '../../src/schemas/room.ts';
import { CreateAnswer, SendAnswer, SessionAnswer, UsersAnswer } from '../../src/schemas/session.ts';
import { ApiClient } from '../support/api-client.ts';
import { startServer } from '../support/test-server.ts';

/** Only if each is assignable to the other does this compile, member by member. */
type Same<A, B> =
  (<T>() => T extends Writable<A> ? 1 : 2) extends <T>() => T extends Writable<B> ? 1 : 2
    ? true
    : { expected: Writable<B>; got: Writable<A> };
// What comes over the wire is nobody's to write, but TypeBox does not say so.
type Writable<T> = T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T;

function holds<T extends true>(): T | undefined {
  return undefined;
}

test('what stands in the schemas is what the core means', () => {
  // These are checked by the compiler.
  holds<Same<Static<typeof JoinEvent>, core.JoinEvent>>();
  holds<Same<Static<typeof LeaveEvent>, core.LeaveEvent>>();
  holds<Same<Static<typeof MessageEvent>, core.MessageEvent>>();
  holds<Same<Static<typeof AnnouncementEvent>, core.AnnouncementEvent>>();
  holds<Same<Static<typeof RedactionEvent>, core.RedactionEvent>>();
  holds<Same<Static<typeof ChatRoomEvent>, core.ChatRoomEvent>>();
  holds<Same<Static<typeof SendAnswer>, Omit<CoreSendAnswer, 'isRepeat'>>>();
  holds<Same<Static<typeof SessionAnswer>['lastInbound'], SessionHandle['lastInbound']>>();
  holds<Same<keyof Static<typeof Problem>, keyof ProblemBody>>();
  // @ts-expect-error a difference is found
  holds<Same<Static<typeof JoinEvent>, core.MessageEvent>>();
});

test('the codes of the problem schema are those of the table', () => {
  const codes: readonly string[] = Problem.properties.code.enum ?? [];
  const table: readonly ErrorCode[] = Object.keys(errorCodes).filter(
    (code): code is ErrorCode => code in errorCodes,
  );
  assert.deepEqual(codes, table);
});

FormatRegistry.Set('uuid', (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text));

test('answers over the wire are of the shape that the schemas tell, and have nothing else', async (t) => {
  const server = await startServer({ HISTORY_EVENTS: '3' });
  t.after(() => server.close());
  const ada = new ApiClient(server.url);
  const exact = (schema: Parameters<typeof Value.Check>[0], value: unknown) => {
    assert.deepEqual([...Value.Errors(schema, value)], []);
    assert.deepEqual(Value.Clean(schema, structuredClone(value)), value, 'no member that no schema names');
  };
  exact(CreateAnswer, (await ada.create({ name: 'Ada' })).body);
  exact(SessionAnswer, (await ada.getSession()).body);
  exact(SendAnswer, (await ada.send('one', 'key')).body);
  exact(EventsAnswer, (await ada.updates()).body);
  for (const text of ['two', 'three', 'four']) await ada.send(text);
  const gap = (await ada.updates({ after: '0' })).body;
  assert.equal(gap.lost, 2);
  exact(EventsAnswer, gap);
  exact(EventsAnswer, (await ada.history()).body);
  exact(UsersAnswer, (await ada.users()).body);
  exact(RoomAnswer, (await ada.call('GET', '')).body);
  exact(RoomsAnswer, (await ada.call('GET', '/../../rooms')).body);
  exact(Problem, (await ada.updates({ limit: 0 })).body);
  await ada.destroy();
  exact(Problem, (await ada.getSession()).body);
});
