/** What an operator has before him: the parts of the page, of which one is seen, and how the server stands. */

import type { Problem } from '../../client/problem.ts';
import type { Schedule } from '../../client/schedule.ts';
import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import { Acts } from './acts.ts';
import type { AdminApi } from './admin-api.ts';
import type { Stats } from './answers.ts';
import { BansView } from './bans-view.ts';
import type { Format } from './format.ts';
import { OverviewView } from './overview-view.ts';
import { button, setText } from './parts.ts';
import { Polling } from './polling.ts';
import { RoomsView } from './rooms-view.ts';
import { SessionsView } from './sessions-view.ts';
import { StandingView } from './standing-view.ts';

export interface DeskOptions {
  readonly api: AdminApi;
  readonly format: Format;
  readonly schedule: Schedule;
  /** Somebody wants the token forgotten. */
  forget(): void;
  /** The server does not take the token. */
  refused(problem: Problem): void;
}

type PartName = keyof typeof words.parts;

interface Part {
  readonly link: HTMLAnchorElement;
  readonly section: HTMLElement;
  /** Brings what it shows; the overview has what is asked for anyway. */
  readonly polling: Polling | undefined;
}

const everyMs = 2000;

export class DeskView {
  readonly element: HTMLElement;
  readonly #options: DeskOptions;
  readonly #parts = new Map<PartName, Part>();
  readonly #pulse: Polling;
  readonly #overview: OverviewView;
  readonly #standing: StandingView;
  readonly #facts = el('p', { class: 'facts' });
  readonly #report = el('div', { class: 'report', role: 'status' });
  readonly #hold: HTMLButtonElement;
  readonly #life = new AbortController();
  #seen: PartName = 'overview';
  #isHeld = false;
  /** By how much the server's clock is ahead of ours. */
  #aheadMs = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    const { api, format, schedule } = options;
    const now = () => Date.now() + this.#aheadMs;
    const acts = new Acts(
      api,
      (text) => this.#tell(text),
      () => this.#hurry(),
    );
    this.#standing = new StandingView(schedule, format, () => this.#hurry());
    this.#overview = new OverviewView(format);
    this.#pulse = new Polling({
      everyMs,
      schedule,
      ask: async (life) => {
        const stats = await api.stats(life);
        if (!life.aborted) this.#take(stats);
      },
      failed: (problem, retryAt) => this.#failed(problem, retryAt),
    });
    this.#hold = button(words.hold, () => this.#toggleHold(), 'quiet');
    this.#hold.setAttribute('aria-pressed', 'false');
    this.#add('overview', this.#overview);
    this.#add('sessions', new SessionsView(api, acts, format, now));
    this.#add('rooms', new RoomsView(api, acts, format, now));
    this.#add('bans', new BansView(api, acts, format, now));
    const parts = [...this.#parts.values()];
    this.element = el(
      'div',
      { class: 'desk' },
      el(
        'header',
        { class: 'bar' },
        el('p', { class: 'wordmark' }, words.product),
        el('h1', {}, words.title),
        this.#standing.mark,
        this.#facts,
        el(
          'div',
          { class: 'bar-acts' },
          this.#hold,
          button(words.forget, () => options.forget(), 'quiet'),
        ),
      ),
      el('nav', { class: 'parts', 'aria-label': words.partsLabel }, ...parts.map(({ link }) => link)),
      this.#standing.banner,
      el('main', {}, ...parts.map(({ section }) => section)),
      this.#report,
    );
    this.#show();
  }

  start(): void {
    const { signal } = this.#life;
    const turn = () => {
      // What was done elsewhere was read; over another table it would be taken for news of that.
      this.#report.replaceChildren();
      this.#show();
    };
    addEventListener('hashchange', turn, { signal });
    document.addEventListener('visibilitychange', () => this.#settle(), { signal });
    this.#show();
  }

  stop(): void {
    this.#life.abort();
    this.#settle();
  }

  #add(
    name: PartName,
    view: { readonly element: HTMLElement; ask?(life: AbortSignal): Promise<void> },
  ): void {
    const trouble = el('p', { class: 'error', role: 'status' });
    const polling =
      view.ask &&
      new Polling({
        everyMs,
        schedule: this.#options.schedule,
        ask: (life) => view.ask?.(life) ?? Promise.resolve(),
        answered: () => setText(trouble, ''),
        failed: (problem) => {
          if (problem.status === 401) this.#options.refused(problem);
          // Else the banner says it already.
          else if (problem.code !== 'unreachable') setText(trouble, problem.detail);
        },
      });
    const titleId = `${name}-title`;
    const section = el(
      'section',
      { 'aria-labelledby': titleId },
      el('h2', { id: titleId, class: 'unseen' }, words.parts[name]),
      trouble,
      view.element,
    );
    const link = el('a', { href: `#${name}` }, words.parts[name]);
    this.#parts.set(name, { link, section, polling });
  }

  /** The part that the address names. */
  #show(): void {
    const wanted = location.hash.slice(1);
    this.#seen = [...this.#parts.keys()].find((name) => name === wanted) ?? 'overview';
    for (const [name, { link, section }] of this.#parts) {
      section.hidden = name !== this.#seen;
      if (name === this.#seen) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = `${words.parts[this.#seen]} · ${words.title} · ${words.product}`;
    this.#overview.show();
    this.#settle();
  }

  /** Asks for what is seen, while it is seen. */
  #settle(): void {
    const isAwake = !this.#life.signal.aborted && !this.#isHeld && document.visibilityState === 'visible';
    if (isAwake) this.#pulse.start();
    else this.#pulse.stop();
    for (const [name, { polling }] of this.#parts) {
      if (isAwake && name === this.#seen) polling?.start();
      else polling?.stop();
    }
    if (this.#isHeld) this.#standing.paused();
  }

  #toggleHold(): void {
    this.#isHeld = !this.#isHeld;
    this.#hold.setAttribute('aria-pressed', String(this.#isHeld));
    this.#settle();
  }

  #hurry(): void {
    this.#pulse.hurry();
    this.#parts.get(this.#seen)?.polling?.hurry();
  }

  #take(stats: Stats): void {
    this.#aheadMs = stats.now - Date.now();
    this.#overview.take(stats);
    this.#standing.answered(stats);
    const { format } = this.#options;
    setText(this.#facts, words.serverFacts(stats.version, format.span(stats.now - stats.startedAt)));
  }

  #failed(problem: Problem, retryAt: number): void {
    // The token is not taken, or there is nothing any more that takes one.
    if (problem.status === 401 || problem.status === 404) this.#options.refused(problem);
    else this.#standing.failed(problem, retryAt);
  }

  #tell(text: string): void {
    const dismiss = button(words.dismiss, () => this.#report.replaceChildren(), 'small');
    this.#report.replaceChildren(el('p', {}, text), dismiss);
  }
}
