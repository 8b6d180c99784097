/** What somebody puts into a page to embed a room, and what the server's operator has to allow for it. Without DOM. */

export interface Wish {
  readonly kind: 'room' | 'feed';
  readonly room: string;
  readonly theme: string;
  readonly accent: string;
  readonly height: string;
  /** Of a feed: how many messages. */
  readonly last: string;
}

/** The element's attributes, without those that say nothing. */
export function attributesOf({
  kind,
  room,
  theme,
  accent,
  height,
  last,
}: Wish): [name: string, value: string][] {
  const all: [string, string][] = [
    ['room', room],
    ...(kind === 'feed' ? [['last', last] as [string, string]] : []),
    ['theme', theme === 'auto' ? '' : theme],
    ['accent', accent],
    ['height', height],
  ];
  return all.filter(([, value]) => value !== '');
}

/** @param origin the chat's */
export function snippetOf(origin: string, wish: Wish): string {
  const tag = `parlor-${wish.kind}`;
  const attributes = attributesOf(wish).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<script type="module" src="${origin}/embed.js"></script>\n<${tag}${attributes.join('')}></${tag}>`;
}

/** Of `*` or a list of origins: how the option must read for a page, and whether it does. */
export interface Permission {
  readonly line: string;
  readonly isThere: boolean;
}

/**
 * @param option its name
 * @param allowed as the server has it
 * @param page the address of the page, as somebody types it; undefined if it is none
 */
export function permissionFor(option: string, allowed: string, page: string): Permission | undefined {
  const origin = originOf(page);
  if (origin === undefined) return undefined;
  const origins = allowed.split(' ').filter((each) => each !== '');
  const isThere = origins.includes('*') || origins.includes(origin);
  const needed = isThere ? origins : [...origins, origin];
  return { line: `${option}=${needed.join(',')}`, isThere };
}

function originOf(address: string): string | undefined {
  try {
    const { origin, protocol } = new URL(
      /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `https://${address}`,
    );
    return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
  } catch {
    return undefined;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
