/** How events are shown: lines for a terminal or for a file. */

import type { ChatRoomEvent } from '../../client/index.ts';
import { speechActOf } from '../../client/speech-act.ts';
import { hasText, type TextEvent } from '../../core/events.ts';
import { gapText } from './connection-text.ts';
import { mentions } from './mention.ts';
import { safeLine, safeLines } from './safe-text.ts';
import type { Style } from './style.ts';
import { columnsOf, wrap } from './width.ts';

export interface EventTextOptions {
  readonly style: Style;
  /** How many columns there are to fill; undefined: rows are not cut. */
  readonly columns: () => number | undefined;
}

/** As wide as the time before a message: no other row of it can be taken for a message of its own. */
const indent = '      ';
const leastColumns = 20;
/** Of more messages than this, nobody knows any more who has said them when. */
const maxShown = 10_000;

/** Who has said something when; undefined: it is an announcement. */
interface Shown {
  readonly who: string | undefined;
  readonly timestamp: number;
}

export class EventText {
  readonly #style: Style;
  readonly #columns: () => number | undefined;
  #day = dayOf(Date.now());
  /** What was shown, by its id: of what is redacted, that can be told. The texts are not kept. */
  readonly #shown = new Map<number, Shown>();
  /** Whose mentions are told; empty: nobody's. */
  ownName = '';

  constructor({ style, columns }: EventTextOptions) {
    this.#style = style;
    this.#columns = columns;
  }

  /** The rows of an event, a new day's name before them. */
  of(event: ChatRoomEvent): string[] {
    const day = dayOf(event.timestamp);
    const isNewDay = day !== this.#day;
    this.#day = day;
    return [...(isNewDay ? this.notice(day) : []), ...this.#event(event)];
  }

  /** @param lost how many events were lost; null: all there were, and ids may begin anew */
  gap(lost: number | null): string[] {
    if (lost === null) this.#shown.clear();
    return this.notice(gapText(lost));
  }

  /** What is said beside the talk; it begins as no message does. */
  notice(text: string): string[] {
    const columns = this.#width();
    const rows = wrap(`— ${text}`, columns, columns - 2);
    return rows.map((row, index) => this.#style.quiet(index === 0 ? row : `  ${row}`));
  }

  /** Whether it is an announcement, or a message of somebody else, that speaks to oneself. */
  isMention(event: ChatRoomEvent): boolean {
    if (!hasText(event)) return false;
    const isOwn = event.type === 'message' && event.name === this.ownName;
    return !isOwn && mentions(event.message, this.ownName);
  }

  #event(event: ChatRoomEvent): string[] {
    const time = timeOf(event.timestamp);
    const { quiet, name, strong } = this.#style;
    switch (event.type) {
      case 'join':
        return [quiet(`${time} — ${safeLine(event.name)} joined`)];
      case 'leave':
        return [quiet(`${time} — ${safeLine(event.name)} left`)];
      case 'redaction':
        return [quiet(`${time} — ${this.#removed(event.target)}`)];
      case 'announcement': {
        this.#remember(event, undefined);
        // As a notice: no name begins with a dash.
        const head = `${quiet(time)} — ${strong('Announcement')}: `;
        return this.#text(head, columnsOf(`${time} — Announcement: `), event);
      }
      case 'message': {
        const who = safeLine(event.name);
        this.#remember(event, who);
        const { isAction } = speechActOf(event.message);
        const [before, after] = isAction ? ['* ', ' '] : ['', ': '];
        const head = `${quiet(time)} ${before}${name(who)}${after}`;
        const taken = columnsOf(`${time} ${before}${who}${after}`);
        return this.#text(head, taken, event);
      }
    }
  }

  #remember({ id, timestamp }: ChatRoomEvent, who: string | undefined): void {
    this.#shown.set(id, { who, timestamp });
    const [oldest] = this.#shown.keys();
    if (oldest !== undefined && this.#shown.size > maxShown) this.#shown.delete(oldest);
  }

  /** What stands above, or in a file, cannot be unsaid: so it is told what of it is void. */
  #removed(target: number): string {
    const shown = this.#shown.get(target);
    if (shown === undefined) return 'a message from before was removed';
    const day = dayOf(shown.timestamp);
    const when = `${day === this.#day ? '' : `${day}, `}${timeOf(shown.timestamp)}`;
    return shown.who === undefined
      ? `the announcement of ${when} was removed`
      : `the message of ${shown.who}, ${when}, was removed`;
  }

  #text(head: string, taken: number, event: TextEvent): string[] {
    if (event.redacted) return [`${head}${this.#style.quiet('(removed)')}`];
    const isMention = this.isMention(event);
    const columns = this.#width();
    const within = columns - indent.length;
    const text = event.type === 'message' ? speechActOf(event.message).text : event.message;
    const rows = safeLines(text).flatMap((line, index) => {
      const first = index === 0 ? columns - taken : within;
      // Beside a long name there is hardly place: its words begin below.
      return first < 1 ? ['', ...wrap(line, within, within)] : wrap(line, first, within);
    });
    const shown = rows.map((row) => (isMention && row !== '' ? this.#style.strong(row) : row));
    return shown.map((row, index) => (index === 0 ? `${head}${row}` : `${indent}${row}`));
  }

  #width(): number {
    const columns = this.#columns();
    return columns === undefined ? Number.POSITIVE_INFINITY : Math.max(columns, leastColumns) - 1;
  }
}

/** Hours and minutes, where one is. */
function timeOf(timestamp: number): string {
  const date = new Date(timestamp);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

const days = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

function dayOf(timestamp: number): string {
  return Number.isFinite(timestamp) && Math.abs(timestamp) < 8.64e15 ? days.format(timestamp) : '';
}
