/** What a stream carries (SSE): beside the events of the room, what is said about the stream and to its reader alone. */

import { type TSchema, Type } from '@sinclair/typebox';
import { type Ending, type EndReason, endings } from '../core/endings.ts';
import { CursorText } from './common.ts';
import { AnnouncementEvent, JoinEvent, LeaveEvent, MessageEvent, RedactionEvent } from './events.ts';

const reasons = Object.keys(endings);
const actions = [...new Set(Object.values(endings).map(({ action }) => action))];

const InitData = Type.Object(
  {
    users: Type.Array(Type.String(), { description: 'The roster at the cursor' }),
    cursor: CursorText,
    timeout: Type.Union([Type.Number(), Type.Null()], {
      description: 'Seconds of idleness after which a session ends; null: it does not',
    }),
    heartbeat: Type.Number({ description: 'After so many seconds of silence comes a comment' }),
    lost: Type.Union([Type.Integer(), Type.Null()], {
      description: 'How many events are out of reach: 0 at the first; null: unknown',
    }),
  },
  {
    title: 'InitData',
    description: 'Where the stream begins: first on one that does not resume, and after a gap',
    examples: [{ users: ['Ada'], cursor: '7f3a-41', timeout: 60, heartbeat: 15, lost: 0 }],
  },
);

const StatusData = Type.Object(
  { store: Type.String({ enum: ['away', 'back'] }) },
  {
    title: 'StatusData',
    description: 'The store went away: nothing can be said, what is kept can be read; or it came back',
    examples: [{ store: 'away' }],
  },
);

const NoticeData = Type.Unknown({
  title: 'NoticeData',
  description:
    'For this client alone, and no event of the room: any JSON that the application around tells it',
  examples: [{ score: 7 }],
});

const ByeData = Type.Object(
  {
    reason: Type.Unsafe<EndReason>({ type: 'string', enum: reasons, description: 'Why the stream ends' }),
    action: Type.Unsafe<Ending['action']>({
      type: 'string',
      enum: actions,
      description: 'What to do about it',
    }),
    reconnect: Type.Boolean({
      description: 'Whether connecting again with the same credential makes sense',
    }),
    detail: Type.Optional(Type.String({ description: 'What whoever ended it says about it' })),
  },
  {
    title: 'ByeData',
    description: 'The last event of a stream',
    examples: [{ reason: 'taken-over', action: 'stop', reconnect: false }],
  },
);

/** What `data:` of each event has, by its name; messages have none, which is SSE's `message`. */
export const streamEvents: Readonly<Record<string, { data: TSchema; hasId: boolean }>> = {
  init: { data: InitData, hasId: true },
  join: { data: JoinEvent, hasId: true },
  leave: { data: LeaveEvent, hasId: true },
  message: { data: MessageEvent, hasId: true },
  announcement: { data: AnnouncementEvent, hasId: true },
  redaction: { data: RedactionEvent, hasId: true },
  notice: { data: NoticeData, hasId: false },
  status: { data: StatusData, hasId: false },
  bye: { data: ByeData, hasId: false },
};

const json = (data: TSchema) =>
  Type.Unsafe<string>({ type: 'string', contentMediaType: 'application/json', contentSchema: data });

const StreamEvent = Type.Union(
  Object.entries(streamEvents).map(([name, { data, hasId }]) =>
    Type.Object(
      {
        event: name === 'message' ? Type.Optional(Type.Literal(name, { default: name })) : Type.Literal(name),
        ...(hasId && { id: CursorText }),
        data: json(data),
      },
      { description: data.description ?? name },
    ),
  ),
  {
    title: 'StreamEvent',
    description: 'An event of a stream, by its fields. A message has no field `event`',
  },
);

/** A whole stream, as JSON Schema can say it: text, with the events that are in it. */
export const EventStream = Type.Unsafe<string>({
  type: 'string',
  contentMediaType: 'text/event-stream',
  contentSchema: { type: 'array', items: StreamEvent },
  title: 'EventStream',
  description:
    'Begins with `retry:`, and ends with `bye`; one that ends without it was cut off: connect again. Lines with a colon are heartbeats',
  examples: [
    [
      'retry: 2417',
      '',
      'event: init',
      'id: 7f3a-41',
      'data: {"users":["Ada"],"cursor":"7f3a-41","timeout":60,"heartbeat":15,"lost":0}',
      '',
      'event: join',
      'id: 7f3a-42',
      'data: {"id":42,"type":"join","timestamp":1763712000000,"name":"Bob"}',
      '',
      'id: 7f3a-43',
      'data: {"id":43,"type":"message","timestamp":1763712000456,"name":"Bob","message":"hello"}',
      '',
      ':',
      '',
      'event: bye',
      'data: {"reason":"shutdown","action":"reconnect","reconnect":true}',
      '',
      '',
    ].join('\n'),
  ],
});
