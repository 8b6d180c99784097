/** Everything the page says, in English. */

import type { Speech } from './speech.ts';

/** What there is to say: each language has all of it. */
export type Strings = ReturnType<typeof en>;

export const en = ({ count, number }: Speech) => ({
  product: 'Parlor',
  title: (room: string) => `${room} · Parlor`,

  loading: 'One moment…',
  loadingOffline: 'The room cannot be reached.',
  noSuchRoom: (room: string) => `There is no room called “${room}”.`,
  noSuchRoomHint: 'It may have another name, or be gone.',
  toFirstRoom: 'Go to the first room',

  joinHere: (members: number) =>
    members === 0
      ? 'Nobody is here yet.'
      : `${count(members, { one: 'person is', other: 'people are' })} here.`,
  andMore: (n: number) => `and ${number(n)} more`,
  saidLast: 'Said last',
  joinName: 'Your name',
  joinPassword: 'Password',
  passwordNeeded: 'This room asks for a password.',
  passwordMissing: 'Write the password.',
  joinSubmit: 'Join the room',
  joinBusy: 'Joining…',
  nameMissing: 'Choose a name to join with.',
  cookiesNeeded:
    'The room let you in, but your browser kept no cookie. Allow cookies for this page and join again.',
  joinOnceMore: 'Your stay in the room has ended. Join again to go on.',

  conversation: 'Conversation',
  messages: 'Messages',
  earlier: 'Show earlier messages',
  earlierBusy: 'Loading…',
  earlierFailed: 'Earlier messages could not be loaded. Try again',
  beginning: 'This is where the room’s log begins.',
  newMessages: (n: number, mentions: number) => {
    if (n === 0) return 'To the newest message';
    const naming = count(mentions, { one: 'mentions you', other: 'mention you' });
    return mentions === 0 ? `${number(n)} new` : `${number(n)} new, ${naming}`;
  },
  unread: 'New',
  mentionsYou: ' (mentions you)',
  showAll: 'Show all',
  showLess: 'Show less',
  linkCopied: 'The link to the message is copied.',
  linkSeeking: 'Looking for the message…',
  linkFailed: 'The message could not be loaded.',
  linkGone: 'That message is not kept any more.',
  joined: ' joined',
  left: ' left',
  you: 'you',
  says: ': ',
  announcement: 'Announcement',
  removed: 'Message removed',
  gap: (lost: number | null) =>
    lost === null
      ? 'The room was restarted; what was said before is gone.'
      : `${count(lost, { one: 'event', other: 'events' })} could not be fetched.`,
  healed: (n: number) =>
    `${count(n, { one: 'event was', other: 'events were' })} missing here and had to be fetched again.`,

  roster: 'Here now',
  rosterCount: (n: number) => `${number(n)} here`,
  rosterOpen: (n: number) => `${number(n)} here: show who`,
  rosterClose: 'Close',
  rosterAll: (n: number) => number(n),
  rosterOf: (found: number, n: number) => `${number(found)} of ${number(n)}`,
  rosterFilter: 'Find a name',
  rosterNobody: 'Nobody has that in the name.',
  newHere: 'new',

  compose: 'Message',
  composeHint: 'Write a message',
  send: 'Send',
  completed: (name: string, position: number, n: number) =>
    n === 1 ? name : `${name}, ${number(position)} of ${number(n)}`,
  completionTakenBack: 'Completion taken back',
  roomLeft: ({ characters, isExact }: { readonly characters: number; readonly isExact: boolean }) =>
    `Room for ${isExact ? '' : 'about '}${count(characters, { one: 'more character', other: 'more characters' })}`,
  tooLong: (n: number) => `${count(n, { one: 'character', other: 'characters' })} too long`,
  notSentTooLong: (n: number) =>
    `Not sent: this is ${count(n, { one: 'character', other: 'characters' })} too long. Make it shorter, or two messages.`,
  controlsLeftOut: 'Control characters cannot be sent and were left out.',
  characterRefused: (code: string) => `Not sent: the selected character (${code}) cannot be sent. Delete it.`,
  commandUnknown: (command: string) =>
    `Not sent: there is no command ${command}. To say it, write /${command}. /help shows what there is.`,
  commandAlone: (command: string) => `Not done: ${command} stands alone. To say it, write /${command}.`,
  nothingDone: 'Not sent: say what you do after it, such as: /me waves',

  help: 'Help: commands and keys',
  helpClose: 'Close',
  helpCommands: 'Commands',
  helpKeys: 'Keys',
  sending: 'Sending…',
  sentLater: 'Is sent when the connection is back.',
  sendAgain: 'Send again',
  discard: 'Discard',
  notSent: 'Not sent.',
  maybeSent: 'The connection broke while this was sent. It may have arrived.',
  outboxFull: 'Too many messages are waiting to be sent. Wait until the connection is back.',

  leave: 'Leave',
  openInTab: 'Open in a tab of its own',
  leaveFailed: (detail: string) => `You are still in the room. ${detail}`,

  states: {
    connecting: 'Connecting…',
    live: 'Live',
    polling: 'Polling',
    offline: 'Offline',
  },
  stateHints: {
    connecting: '',
    live: 'Messages arrive as they are sent.',
    polling: 'The page keeps asking for news, because it gets no stream.',
    offline: 'What you write is sent as soon as the connection is back.',
  },
  connectionLost: 'No connection. What you write is sent later.',
  noNetwork: 'You are offline. What you write is sent later.',
  connectedAgain: 'Connected again.',
  retryIn: (seconds: number) => `Trying again in ${number(seconds)} s`,
  retrying: 'Trying…',
  tryNow: 'Try now',
  pollingWhy: {
    mute: 'A proxy or the like holds the stream of messages back. The page asks for them instead: they may come a little later.',
    broken:
      'The stream of messages keeps breaking. The page asks for them instead: they may come a little later.',
    refused:
      'The server gives no stream of messages now. The page asks for them instead: they may come a little later.',
    'no-stream':
      'A proxy or the like does not let the stream of messages through. The page asks for them instead: they may come a little later.',
  },
  dismiss: 'All right',
  storeAway: 'Messages cannot be saved at the moment. What you write is kept and sent later.',

  notify: {
    title: 'Notifications',
    off: 'Off',
    mentions: 'When somebody mentions me',
    all: 'For every message',
    troubles: {
      denied:
        'Your browser keeps this page from notifying you. Allow it in the settings for this page, beside its address.',
      insecure: 'Browsers notify you only of pages that come over HTTPS.',
      missing: 'This browser has no notifications for pages.',
    },
    said: (who: string, room: string) => `${who} in ${room}`,
    saidMore: (n: number, room: string) =>
      `${count(n, { one: 'new message', other: 'new messages' })} in ${room}`,
  },

  stopped: {
    destroyed: 'You left the room, maybe in another tab.',
    'taken-over': 'You joined this room somewhere else, so this page stopped.',
    removed: 'You were removed from the room.',
    revoked: 'You may no longer be in this room.',
    flooding: 'You were shown out for sending too much at once.',
    superseded: 'This room is open in too many places, so this one stopped.',
    'room-not-found': 'This room is no longer there.',
  } as Readonly<Record<string, string>>,
  /** With what whoever ended it says of it. */
  stoppedWhy: (text: string, why: string) => `${text} “${why}”`,
  stoppedOtherwise: 'Your stay in the room has ended.',
  joinAgain: 'Join again',
  useHere: 'Use it here',

  unreachable: 'The server cannot be reached.',
  serverTrouble: (status: number) => `The server is in trouble (${status}).`,
  /** What the server's codes say to somebody at the page; of others, the server's own words are shown. */
  problems: {
    'name-in-use':
      'Somebody in the room has this name, or one that looks the same. Choose another. If it is you, leave there first, or wait a little.',
    'cross-origin': 'This page may not talk to the room: it came from another address than the server knows.',
    'room-not-found': 'This room is no longer there.',
    'credentials-required': 'That is not the password for this name.',
    'request-timeout': 'The connection is too slow: the server did not get all of it in time.',
    'rate-limited': 'That was too much at once.',
    unavailable: 'The server cannot do that at the moment.',
    internal: 'The server made a mistake. It is noted there.',
  } as Readonly<Record<string, string>>,
  tooManyLogins: 'There were too many failed attempts to come in under this name.',
  tryAgainIn: (seconds: number) => `Try again in ${count(seconds, { one: 'second', other: 'seconds' })}.`,
});
