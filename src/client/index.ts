/** What `parlor/client` exports. Nothing happens at import. */

export type {
  AnnouncementEvent,
  ChatRoomEvent,
  JoinEvent,
  LeaveEvent,
  MessageEvent,
  RedactionEvent,
} from '../core/events.ts';
export type { Credential, RoomApi } from './api.ts';
export type { ClientOptions } from './client-options.ts';
export type { Gap } from './event-queue.ts';
export { type JoinOptions, join } from './join.ts';
export type { Link, LinkFactory, Sink } from './link.ts';
export type { ClientState, RoomNews, StateDetail } from './news.ts';
export type { NoStream } from './outcome.ts';
export type { Outgoing } from './outgoing.ts';
export { type Problem, ProblemError } from './problem.ts';
export { RoomClient } from './room-client.ts';
export type { Schedule } from './schedule.ts';
export type { ClientStorage } from './storage.ts';
export type { Ending, Joiner, Login, LoginToken, Sent, SessionInfo } from './wire.ts';
