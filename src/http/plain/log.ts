/** What was said, as a list that reads well in any browser. */

import { formatCursor, type Position } from '../../core/cursor.ts';
import type { Reading } from '../../core/event-log.ts';
import { type ChatRoomEvent, hasText } from '../../core/events.ts';
import type { Roster } from '../../core/roster.ts';
import { type Html, html } from './html.ts';
import { strings } from './strings.ts';

/** What a page shows of a room's log. */
export interface LogView {
  /** The address of the page that shows it; undefined if it shows nothing earlier. */
  readonly path: string | undefined;
  readonly roster: Roster;
  /** The page of the log. */
  readonly shown: Reading;
  /** What the reader knows already, as far as the log still has it. */
  readonly seenId: number | undefined;
  /** What the reader did not see and never will; undefined if nothing. */
  readonly lost: number | null | undefined;
  /** As whom the reader is here. */
  readonly ownName: string | undefined;
  /** How many events the log has beyond the page; undefined on the newest one. */
  readonly since: number | undefined;
  /** The position after the page. */
  readonly end: string;
}

// More names than this are counted: the roster may have thousands.
const maxNames = 50;
const dayMs = 86_400_000;
// As `client/speech-act.ts` has it: `/me waves` says what one does.
const action = /^\/me[ \t]+(?=\S)/;
// Inside, a text browser goes to this place from the end: of its 24 lines or so, w3m shows it in the middle and Lynx at the top,
// and the form below is to be seen.
const linesToEnd = 7;

export function rosterOf(roster: Roster): Html {
  const names = roster.names();
  const rest = names.length - maxNames;
  return html`<p class="here">${strings.here(names.length)}${names
    .slice(0, maxNames)
    .map((name, i) => html`${i > 0 && ', '}<bdi>${name}</bdi>`)}${rest > 0 && strings.andMore(rest)}</p>`;
}

/** How many messages of others, and announcements, are new to the reader. */
export function freshMessages({ shown, seenId, ownName }: LogView): number {
  if (seenId === undefined) return 0;
  return shown.events.filter(({ event }) => {
    return event.id > seenId && isToRead(event) && !isBy(event, ownName);
  }).length;
}

/** Who is here, and where else one may go. */
export function barOf({ path, roster, shown }: LogView, links: Html): Html {
  const cursor = formatCursor(shown.cursor);
  return html`<div class="bar">
${rosterOf(roster)}
<nav>${shown.more && html`<a href="${path}?before=${cursor}#end">${strings.earlier}</a> `}${links}</nav>
</div>`;
}

export function logOf(view: LogView): Html {
  const { path, shown, seenId, lost } = view;
  const [first] = shown.events;
  const unseen = seenId === undefined || !first ? 0 : first.event.id - seenId - 1;
  const isBeginning = path !== undefined && first !== undefined && !shown.more;
  return html`${isBeginning && html`<p class="note">${strings.beginning}</p>\n`}${
    !first && html`<p class="note">${strings.nothingYet}</p>\n`
  }${lost !== undefined && html`<p class="gap">${strings.gap(lost)}</p>\n`}${
    unseen > 0 && html`<p class="gap">${strings.freshAbove(unseen)}</p>\n`
  }<ul class="log">
${entriesOf(view)}</ul>`;
}

function entriesOf({ path, shown, seenId, ownName }: LogView): Html[] {
  const events = shown.events.filter(({ event }) => event.type !== 'redaction');
  const firstFresh = events.findIndex(({ event }) => {
    return seenId !== undefined && event.id > seenId && !(event.type === 'message' && isBy(event, ownName));
  });
  const latest = Math.min(
    firstFresh < 0 ? events.length : firstFresh,
    Math.max(0, events.length - linesToEnd),
  );
  return events.map(({ event }, i) => {
    const before = events[i - 1]?.event;
    const isNewDay = !before || dayOf(before) !== dayOf(event);
    // Where all are new, there is nothing to tell them from.
    const isFresh = i === firstFresh && i > 0;
    return html`${isNewDay && dayEntry(event)}${
      isFresh && html`<li class="fresh">${strings.fresh}</li>\n`
    }<li class="${event.type}${isBy(event, ownName) && ' own'}"${
      path !== undefined && i === latest && html` id="latest"`
    }>${entryOf(event)}</li>\n`;
  });
}

function dayOf({ timestamp }: ChatRoomEvent): number {
  return Math.floor(timestamp / dayMs);
}

function dayEntry({ timestamp }: ChatRoomEvent): Html {
  const [date = ''] = new Date(timestamp).toISOString().split('T');
  return html`<li class="day"><time datetime="${date}">${strings.day(timestamp)}</time> ${strings.utc}</li>\n`;
}

function entryOf(event: ChatRoomEvent): Html {
  const { timestamp } = event;
  const when = html`<time datetime="${new Date(timestamp).toISOString()}">${strings.time(timestamp)}</time>`;
  switch (event.type) {
    case 'message':
      return html`${when} ${event.redacted ? removedOf(nameOf(event)) : saidBy(nameOf(event), event.message)}`;
    case 'join':
      return html`${when} <bdi>${event.name}</bdi> ${strings.joined}`;
    case 'leave':
      return html`${when} <bdi>${event.name}</bdi> ${strings.left}`;
    case 'announcement':
      return html`${when} ${event.redacted ? removedOf(announcer) : announced(event.message)}`;
    case 'redaction':
      return html``;
  }
}

/** The star keeps `/me left` apart from a `leave` where a text browser knows of no style. */
function saidBy(who: Html, message: string): Html {
  const command = action.exec(message)?.[0];
  return command === undefined
    ? html`${who}${strings.says} <span dir="auto">${linesOf(message)}</span>`
    : html`* ${who} <em dir="auto">${linesOf(message.slice(command.length))}</em>`;
}

/** No name begins with a dash: nobody can speak as if he made an announcement. */
const announcer = html`— <span class="name">${strings.announcement}</span>`;

function announced(message: string): Html {
  return html`${announcer}${strings.says} <span dir="auto">${linesOf(message)}</span>`;
}

function nameOf({ name }: { readonly name: string }): Html {
  return html`<bdi class="name">${name}</bdi>`;
}

/** A text that was redacted [LOG-4]. */
function removedOf(who: Html): Html {
  return html`${who}${strings.says} <em class="removed">${strings.removed}</em>`;
}

/** Text browsers know of lines only by `br`. */
function linesOf(text: string): Html[] {
  return text.split('\n').map((line, i) => html`${i > 0 && html`<br>`}${line}`);
}

function isBy(event: ChatRoomEvent, name: string | undefined): boolean {
  return 'name' in event && event.name === name;
}

function isToRead(event: ChatRoomEvent): boolean {
  return hasText(event) && !event.redacted;
}

/** What the reader has seen, in this log. */
export function seenOf(after: Position | undefined, gap: Reading['gap']): number | undefined {
  if (after === undefined || gap) return undefined;
  return after === 'start' ? 0 : after.id;
}
