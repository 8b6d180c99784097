/** The pages of one room: outside, inside, and the frame with the log. */

import type { PlainDoor } from './door.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { barOf, freshMessages, type LogView, logOf, rosterOf } from './log.ts';
import { strings } from './strings.ts';

/** What all pages of a room need. */
export interface RoomPlace {
  readonly room: string;
  readonly stylesheet: string;
}

/** What somebody has typed, and the keys of it. */
export interface Typed {
  readonly name: string;
  readonly message: string;
  /** Makes joining safe to repeat. */
  readonly createKey: string;
  /** Makes sending safe to repeat. */
  readonly key: string;
}

interface Outside extends RoomPlace {
  readonly typed: Typed;
  readonly notice: string | undefined;
  /** Whether the notice is of what one wanted oneself. */
  readonly isCalm: boolean;
  readonly door: PlainDoor;
  readonly view: LogView | undefined;
}

interface Inside extends RoomPlace {
  readonly typed: Typed;
  readonly notice: string | undefined;
  /** Undefined if nobody can say at the moment. */
  readonly name: string | undefined;
  /** A cursor up to which everything is shown; undefined if nothing is. */
  readonly head: string | undefined;
  /** What browsers show that know no frames; undefined where it cannot be had. */
  readonly view: LogView | undefined;
  /** Differs in every page: else a browser takes an address for the one that it shows already. */
  readonly mark: string;
}

export function outsidePage({ room, stylesheet, typed, notice, isCalm, door, view }: Outside): Page {
  return {
    title: strings.title(room),
    look: 'card',
    stylesheet,
    body: html`<main>
<h1>${room}</h1>
${view && rosterOf(view.roster)}
${isCalm ? html`<p role="status">${notice}</p>\n` : noticeOf(notice)}<form method="post" action="/plain/${room}/join" accept-charset="utf-8">
<input type="hidden" name="key" value="${typed.createKey}">
<input type="hidden" name="messageKey" value="${typed.key}">
${doorHint(door)}${
  door.asksName &&
  html`<p><label for="name">${strings.joinName}</label>
<input id="name" name="name" value="${typed.name}" size="24" dir="auto" autocomplete="nickname" autofocus></p>
`
}${
  door.asksPassword &&
  html`<p><label for="password">${strings.joinPassword}</label>
<input id="password" name="password" type="password" size="24" autocomplete="current-password"></p>
`
}${
  typed.message.trim() !== '' &&
  html`<p><label for="message">${strings.joinDraft}</label>
<input id="message" name="message" value="${typed.message}" size="60" dir="auto" autocomplete="off"></p>
`
}${
  (door.asksName || door.isGiven) &&
  html`<p><input type="submit" class="primary" value="${strings.join}"></p>
`
}${
  door.signIn &&
  html`<p><a href="${door.signIn}">${strings.signIn}</a></p>
`
}</form>
${
  view &&
  html`<section aria-labelledby="last">
<h2 id="last">${strings.lastMessages}</h2>
${logOf(view)}
</section>`
}</main>`,
  };
}

/** How somebody comes in who is known elsewhere. */
function doorHint({ asksName, isGiven, missing, signIn }: PlainDoor): Html | undefined {
  if (isGiven) return html`<p>${strings.signedIn}</p>\n`;
  if (asksName || missing === undefined) return undefined;
  const known = signIn === undefined ? strings.signInElsewhere : strings.signInFirst;
  return html`<p>${missing === 'certificate' ? strings.certificateMissing : known}</p>\n`;
}

export function insidePage(inside: Inside): Page {
  const { room, stylesheet, typed, notice, name, head, view, mark } = inside;
  const path = `/plain/${room}`;
  const query = head === undefined ? '' : `?after=${head}`;
  return {
    title: strings.title(room, view ? freshMessages(view) : 0),
    look: 'room',
    stylesheet,
    body: html`<header><h1>${room}</h1></header>
<main>
<iframe name="log" src="${path}/log${query}" title="${strings.messages}"></iframe>
${view && stillLog(view)}
${noticeOf(notice)}<form class="composer" method="post" action="${path}/send" accept-charset="utf-8">
<input type="hidden" name="key" value="${typed.key}">
<input type="hidden" name="after" value="${head ?? ''}">
<label for="message">${strings.compose}</label>
<input id="message" name="message" value="${typed.message}" size="60" dir="auto" autocomplete="off" enterkeyhint="send" required autofocus>
<input type="submit" class="primary" value="${strings.send}">
</form>
</main>
<footer>
<p class="still"><a href="${path}?after=${head ?? ''}&t=${mark}#latest">${strings.refresh}</a></p>
<p>${name !== undefined && html`${strings.you}<bdi>${name}</bdi>. `}<a href="${path}/log${query}" target="log">${strings.reload}</a></p>
<form method="post" action="${path}/leave"><input type="submit" value="${strings.leave}"></form>
</footer>`,
  };
}

/** The log for browsers without frames: it stands still until one asks for it again. */
function stillLog(view: LogView): Html {
  const past = html`${view.since !== undefined && strings.past(view.since)}`;
  return html`<section class="still" aria-labelledby="still">
<h2 id="still">${strings.messages}</h2>
${barOf(view, past)}
${logOf(view)}
<p id="end"></p>
</section>`;
}

interface Frame extends RoomPlace {
  readonly view: LogView;
  /** The position at the end of the log. */
  readonly head: string;
  /** How often a page with the newest asks for what is new. */
  readonly refreshSeconds: number;
}

/** The log, alone: its newest events, or a page of earlier ones, which stays as it is. */
export function framePage(frame: Frame): Page {
  const { room, stylesheet, view, head, refreshSeconds } = frame;
  const path = `/plain/${room}/log`;
  const isPast = view.since !== undefined;
  const links = isPast
    ? html`<span class="still">${strings.past(view.since ?? 0)} <a href="${path}">${strings.newest}</a></span>`
    : html`<a href="${path}?before=${head}#end">${strings.pause}</a> ${strings.refreshes(refreshSeconds)}`;
  return {
    title: strings.title(room, freshMessages(view)),
    look: isPast ? 'past' : 'frame',
    stylesheet,
    refreshSeconds: isPast ? undefined : refreshSeconds,
    body: html`<main>
<h1 class="unseen">${strings.messages}</h1>
${barOf(view, links)}
${logOf(view)}
${isPast && html`<iframe src="/plain/${room}/news?after=${view.end}" title="${strings.news}"></iframe>\n`}${toRoom(room)}
<p id="end"></p>
</main>`,
  };
}

/**
 * How much there is beyond a page that stays as it is. Refreshes in that page's place, and so says that its reader is
 * still there.
 */
export function newsPage(
  { room, stylesheet }: RoomPlace,
  { since = 0 }: LogView,
  refreshSeconds: number | undefined,
): Page {
  return {
    title: strings.title(room),
    look: 'news',
    stylesheet,
    refreshSeconds,
    body: html`<p>${strings.past(since)} <a href="/plain/${room}/log" target="_parent">${strings.newest}</a></p>`,
  };
}

/** In the place of the log. */
export function frameNotice(
  { room, stylesheet }: RoomPlace,
  notice: string,
  action: { readonly joinsAgain: boolean; readonly refreshSeconds?: number | undefined },
): Page {
  return {
    title: strings.title(room),
    look: 'frame',
    stylesheet,
    refreshSeconds: action.refreshSeconds,
    body: html`<main>
<h1 class="unseen">${strings.messages}</h1>
${noticeOf(notice)}${
  action.joinsAgain
    ? html`<p><a href="/plain/${room}" target="_top">${strings.joinAgain}</a></p>`
    : toRoom(room)
}
</main>`,
  };
}

/** Where there is nothing to show but what is wrong. */
export function wordPage({ room, stylesheet }: RoomPlace, notice: string): Page {
  return {
    title: strings.troubleTitle,
    look: 'card',
    stylesheet,
    body: html`<main>
<h1>${strings.troubleTitle}</h1>
${noticeOf(notice)}<p><a href="/plain/${room}">${strings.toRoom}</a></p>
</main>`,
  };
}

/** Somebody has left, as far as the server can say. */
export function leavePage({ room, stylesheet }: RoomPlace, notice: string): Page {
  return {
    title: strings.title(room),
    look: 'card',
    stylesheet,
    body: html`<main>
<h1>${room}</h1>
${noticeOf(notice)}<form method="post" action="/plain/${room}/leave"><input type="submit" value="${strings.leaveAgain}"></form>
</main>`,
  };
}

/** For those who opened the frame by itself. */
function toRoom(room: string): Html {
  return html`<p class="still"><a href="/plain/${room}#latest" target="_top">${strings.toRoom}</a></p>`;
}

function noticeOf(notice: string | undefined): Html | undefined {
  return notice === undefined ? undefined : html`<p class="notice" role="alert">${notice}</p>\n`;
}
