/**
 * What the element in a page and the room in its frame say to each other. The frame says `ready` to its parent; the
 * element, seeing that it comes from its own frame and from the chat's origin, hands over a port, and everything else goes
 * over that. Messages are checked by their shape; of what is unknown nothing is made: either side may be newer.
 */

/** The first words, by `window.postMessage`. They say nothing that a stranger may not know. */
export const ready = 'parlor:ready';
export const hello = 'parlor:hello';

export type Scheme = 'light' | 'dark';

/** How the page around wishes the room to look: texts of CSS, as they were written there; empty: as it is. */
export interface Look {
  /** Empty: as the browser's user has it. */
  readonly scheme: Scheme | '';
  readonly accent: string;
  readonly background: string;
  readonly text: string;
  readonly font: string;
  readonly radius: string;
}

/** What the element tells the frame. */
export type HostWord =
  | {
      readonly type: 'setup';
      readonly look: Look;
      /** The name to propose. */
      readonly name: string;
      /** The element becomes as high as what is in it. */
      readonly isAutoHigh: boolean;
    }
  /** Whether the element can be seen: folded away or scrolled out of the window, it cannot. */
  | { readonly type: 'sight'; readonly isInSight: boolean }
  | { readonly type: 'focus' }
  /** By which its visitor comes in. */
  | { readonly type: 'token'; readonly token: string };

/** Why a token is wanted: there is none, the stay by the last one has ended, or it was not accepted. */
export type LoginReason = 'first' | 'expired' | 'refused';

/** What the frame tells the element. */
export type FrameWord =
  | { readonly type: 'unread'; readonly unread: number; readonly mentions: number }
  | { readonly type: 'joined'; readonly name: string }
  | { readonly type: 'left' }
  | { readonly type: 'login'; readonly reason: string }
  | {
      readonly type: 'message';
      readonly id: number;
      readonly name: string;
      readonly message: string;
      readonly timestamp: number;
      readonly isOwn: boolean;
    }
  | {
      readonly type: 'announcement';
      readonly id: number;
      readonly message: string;
      readonly timestamp: number;
    }
  /** What stands at `target` has lost its text. */
  | { readonly type: 'redaction'; readonly id: number; readonly target: number; readonly timestamp: number }
  /** How many pixels what there is to see would take. */
  | { readonly type: 'height'; readonly height: number };

/** Longer texts of CSS are nobody's colour. */
const maxLookChars = 300;
const maxNameChars = 200;
/** What fits into a header, and leaves room for the others. */
const tokenShape = /^[\x21-\x7e]{1,8192}$/;

/** Undefined: it is none that is known here. */
export function hostWordOf(data: unknown): HostWord | undefined {
  const word = fieldsOf(data);
  if (word.type === 'focus') return { type: 'focus' };
  if (word.type === 'sight') return { type: 'sight', isInSight: word.isInSight !== false };
  if (word.type === 'token') {
    const { token } = word;
    return typeof token === 'string' && tokenShape.test(token) ? { type: 'token', token } : undefined;
  }
  if (word.type !== 'setup') return undefined;
  const { name, isAutoHigh, look } = word;
  const wished = fieldsOf(look);
  const text = (key: keyof Look) => textOf(wished[key], maxLookChars);
  const scheme = wished.scheme === 'light' || wished.scheme === 'dark' ? wished.scheme : '';
  return {
    type: 'setup',
    name: textOf(name, maxNameChars),
    isAutoHigh: isAutoHigh === true,
    look: {
      scheme,
      accent: text('accent'),
      background: text('background'),
      text: text('text'),
      font: text('font'),
      radius: text('radius'),
    },
  };
}

/** One of each, with whatever in it: what comes is checked against these. */
const frameWords: { readonly [T in FrameWord['type']]: Omit<FrameWord & { type: T }, 'type'> } = {
  unread: { unread: 0, mentions: 0 },
  joined: { name: '' },
  left: {},
  login: { reason: '' },
  message: { id: 0, name: '', message: '', timestamp: 0, isOwn: false },
  announcement: { id: 0, message: '', timestamp: 0 },
  redaction: { id: 0, target: 0, timestamp: 0 },
  height: { height: 0 },
};

/** Whether it is one that is known here, with all that belongs to it. */
export function isFrameWord(data: unknown): data is FrameWord {
  const word = fieldsOf(data);
  const { type } = word;
  if (typeof type !== 'string' || !isKnown(type)) return false;
  return Object.entries(frameWords[type]).every(([name, sample]) => {
    const value = word[name];
    return (
      typeof value === typeof sample &&
      (typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0))
    );
  });
}

/**
 * Whether a page may log somebody in and hear what is said.
 *
 * @param origin of the page, as the browser says it; `null` of one that is sandboxed, which may be anybody's
 * @param own the chat's
 * @param allowed `*`, or a list with spaces between
 */
export function mayHost(origin: string, own: string, allowed: string): boolean {
  if (origin === own) return true;
  return /^https?:/.test(origin) && (allowed === '*' || allowed.split(' ').includes(origin));
}

function isKnown(type: string): type is FrameWord['type'] {
  return Object.hasOwn(frameWords, type);
}

function fieldsOf(data: unknown): Readonly<Record<string, unknown>> {
  return { ...Object(data) };
}

function textOf(value: unknown, maxChars: number): string {
  return typeof value === 'string' && value.length <= maxChars ? value : '';
}
