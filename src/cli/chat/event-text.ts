/** How events are shown: lines for a terminal or for a file. */

import type { ChatRoomEvent } from '../../client/index.ts';
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
const action = /^\/me\s+(?=\S)/;

export class EventText {
  readonly #style: Style;
  readonly #columns: () => number | undefined;
  #day = dayOf(Date.now());
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

  /** What is said beside the talk; it begins as no message does. */
  notice(text: string): string[] {
    const columns = this.#width();
    const rows = wrap(`— ${text}`, columns, columns - 2);
    return rows.map((row, index) => this.#style.quiet(index === 0 ? row : `  ${row}`));
  }

  /** Whether it is a message of somebody else that speaks to oneself. */
  isMention(event: ChatRoomEvent): boolean {
    return event.type === 'message' && event.name !== this.ownName && mentions(event.message, this.ownName);
  }

  #event(event: ChatRoomEvent): string[] {
    const time = timeOf(event.timestamp);
    const { quiet, name } = this.#style;
    switch (event.type) {
      case 'join':
        return [quiet(`${time} — ${safeLine(event.name)} joined`)];
      case 'leave':
        return [quiet(`${time} — ${safeLine(event.name)} left`)];
      case 'announcement':
        return this.#message(`${quiet(time)} `, columnsOf(`${time} `), event.message, false);
      case 'redaction':
        return [];
      case 'message': {
        const who = safeLine(event.name);
        const isAction = action.test(event.message);
        const [before, after] = isAction ? ['* ', ' '] : ['', ': '];
        const head = `${quiet(time)} ${before}${name(who)}${after}`;
        const taken = columnsOf(`${time} ${before}${who}${after}`);
        return this.#message(head, taken, event.message.replace(action, ''), this.isMention(event));
      }
    }
  }

  #message(head: string, taken: number, message: string, isMention: boolean): string[] {
    const columns = this.#width();
    const within = columns - indent.length;
    const rows = safeLines(message).flatMap((line, index) => {
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
