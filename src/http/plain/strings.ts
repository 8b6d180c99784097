/** Everything the plain pages say, in one place. */

import type { SessionEndReason } from '../../core/endings.ts';

// Made when a page first needs them: what they load takes 10 ms, at every start.
let day: Intl.DateTimeFormat | undefined;
let time: Intl.DateTimeFormat | undefined;

function dayOf(timestamp: number): string {
  day ??= new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone: 'UTC' });
  return day.format(timestamp);
}

function timeOf(timestamp: number): string {
  time ??= new Intl.DateTimeFormat('en', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  });
  return time.format(timestamp);
}

function count(n: number, one: string, other: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : other}`;
}

export const strings = {
  title: (room: string, fresh = 0) => `${fresh > 0 ? `(${fresh}) ` : ''}${room} · Parlor`,
  day: dayOf,
  time: timeOf,
  utc: '(UTC)',

  here: (members: number) =>
    members === 0 ? 'Nobody is here yet.' : `${count(members, 'person is', 'people are')} here: `,
  andMore: (members: number) => ` and ${members.toLocaleString('en')} more`,

  joinName: 'Your name',
  joinPassword: 'Password',
  joinDraft: 'Not sent yet: it is said as soon as you have joined',
  join: 'Join the room',
  signIn: 'Sign in',
  signedIn: 'You are signed in, and come in under that name.',
  signInFirst: 'To come in, sign in first.',
  signInElsewhere: 'To come in, sign in where this room belongs to, and come back.',
  certificateMissing: 'To come in, your browser needs a certificate that this server knows.',
  lastMessages: 'Last messages',

  messages: 'Messages',
  joined: 'joined',
  left: 'left',
  says: ':',
  announcement: 'Announcement',
  removed: 'Message removed',
  nothingYet: 'Nothing was said yet.',
  beginning: 'This is where the room’s log begins.',
  earlier: 'Earlier messages',
  fresh: 'New since you last looked:',
  freshAbove: (events: number) => `${count(events, 'new event is', 'new events are')} further up.`,
  gap: (lost: number | null) =>
    lost === null
      ? 'The room was restarted since you last looked; what was said before is gone.'
      : `${count(lost, 'event', 'events')} since you last looked cannot be shown any more.`,
  pause: 'Pause',
  refreshes: (seconds: number) => `New every ${count(seconds, 'second', 'seconds')}`,
  past: (since: number) =>
    since === 0 ? 'Nothing new after this.' : `${count(since, 'event', 'events')} after this.`,
  newest: 'To the newest',
  news: 'What is new',
  refresh: 'Refresh',
  reload: 'Reload the messages',
  toRoom: 'To the room, to talk',

  you: 'You are ',
  compose: 'Message',
  send: 'Send',
  leave: 'Leave',
  leaveAgain: 'Leave again',

  hasLeft: 'You left the room.',
  cookiesNeeded:
    'The room let you in, but your browser kept no cookie. Allow cookies for this page and join again.',
  ended: {
    destroyed: 'You left the room, maybe in another window.',
    'taken-over': 'You joined this room somewhere else, so your stay here has ended.',
    removed: 'You were removed from the room.',
    revoked: 'You may no longer be in this room.',
    flooding: 'You were shown out for sending too much at once.',
    expired: 'Nothing was heard of you for a while, so you were taken for gone. Join again to go on.',
    failed: 'The server made a mistake, and your stay has ended. Join again to go on.',
  } satisfies Record<SessionEndReason, string> as Readonly<Record<string, string>>,
  endedWhy: (why: string) => `“${why}”`,
  endedSomehow: 'Your stay in the room has ended. Join again to go on.',
  ifItIsYou: 'Choose another. If it is you, leave there first, or wait a little.',
  notAllowed: 'You are not allowed to do this here.',
  joinFirst: 'Join the room first.',
  joinAgain: 'Join again',

  tooMuch: 'That was too much at once.',
  tooManyLogins: 'There were too many failed attempts to come in under this name.',
  tooLong: 'This is far too long to be sent. Your browser’s Back button brings it back.',
  fault: (requestId: string) => `Something went wrong on the server. Its log has more, under ${requestId}.`,
  keyReused: 'The text before was sent already; this one was not. Send it again if you mean it.',
  later: (seconds: number) => `Try again in ${count(seconds, 'second', 'seconds')}.`,

  noRoomTitle: 'No such room',
  noRoom: 'There is no such room here.',
  toFront: 'Go to the first room',
  troubleTitle: 'This did not work',
} as const;
