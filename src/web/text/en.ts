/** Everything the page says, in English. */

import type { Speech } from './speech.ts';

export const en = ({ count, number }: Speech) => ({
  product: 'Parlor',
  title: (room: string) => `${room} · Parlor`,

  loading: 'One moment…',
  loadingOffline: 'The room cannot be reached. Trying again…',
  noSuchRoom: (room: string) => `There is no room called “${room}”.`,
  toFirstRoom: 'Go to the first room',

  joinHere: (members: number) =>
    members === 0
      ? 'Nobody is here yet.'
      : `${count(members, { one: 'person is', other: 'people are' })} here.`,
  joinName: 'Your name',
  joinSubmit: 'Join the room',
  joinBusy: 'Joining…',
  nameMissing: 'Choose a name to join with.',
  cookiesNeeded:
    'The room let you in, but your browser kept no cookie. Allow cookies for this page and join again.',

  conversation: 'Conversation',
  messages: 'Messages',
  earlier: 'Show earlier messages',
  earlierBusy: 'Loading…',
  earlierFailed: 'Earlier messages could not be loaded. Try again',
  beginning: 'This is where the room’s log begins.',
  newMessages: (n: number) =>
    n === 0 ? 'To the newest message' : count(n, { one: 'new message', other: 'new messages' }),
  joined: ' joined',
  left: ' left',
  you: 'you',
  says: ': ',
  gap: (lost: number | null) =>
    lost === null
      ? 'The room was restarted; what was said before is gone.'
      : `${count(lost, { one: 'event', other: 'events' })} could not be fetched.`,
  healed: (n: number) =>
    `${count(n, { one: 'event was', other: 'events were' })} missing here and had to be fetched again.`,

  roster: 'Here now',
  rosterCount: (n: number) => `${number(n)} here`,
  rosterOpen: (n: number) => `${count(n, { one: 'person', other: 'people' })} here: show who`,
  rosterClose: 'Close',

  compose: 'Message',
  composeHint: 'Write a message',
  send: 'Send',
  sending: 'Sending…',
  sendAgain: 'Send again',
  discard: 'Discard',
  notSent: 'Not sent.',
  maybeSent: 'The connection broke while this was sent. It may have arrived.',
  outboxFull: 'Too many messages are waiting to be sent. Wait until the connection is back.',

  leave: 'Leave',
  leaveFailed: (detail: string) => `You are still in the room. ${detail}`,

  states: {
    connecting: 'Connecting…',
    live: 'Live',
    polling: 'Polling',
    offline: 'Offline, trying again…',
  },
  stateHints: {
    connecting: '',
    live: 'Messages arrive as they are sent.',
    polling: 'No stream could be had, so the page keeps asking for news.',
    offline: 'What you write is sent as soon as the connection is back.',
  },
  storeAway: 'Messages cannot be saved at the moment. What you write is kept and sent later.',
  tryNow: 'Try now',

  stopped: {
    destroyed: 'You left the room, maybe in another tab.',
    'taken-over': 'You joined this room somewhere else, so this page stopped.',
    removed: 'You were removed from the room.',
    revoked: 'You may no longer be in this room.',
    flooding: 'You were shown out for sending too much at once.',
    superseded: 'This room is open in too many places, so this one stopped.',
    'room-not-found': 'This room is no longer there.',
  } as Readonly<Record<string, string>>,
  stoppedOtherwise: 'Your stay in the room has ended.',
  joinAgain: 'Join again',
  useHere: 'Use it here',

  unreachable: 'The server cannot be reached.',
  serverTrouble: (status: number) => `The server is in trouble (${status}).`,
});
