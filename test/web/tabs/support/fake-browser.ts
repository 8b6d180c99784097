/** The tabs of one browser in one process: its locks and channels, and tabs that crash or freeze when told. */

import type { Schedule } from '../../../../src/client/schedule.ts';
import type { OpenChannel } from '../../../../src/web/tabs/talk.ts';
import type { Locks } from '../../../../src/web/tabs/turn.ts';

interface Request {
  readonly tab: FakeTab;
  readonly held: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface End {
  readonly tab: FakeTab;
  readonly name: string;
  readonly hear: (message: never) => void;
  readonly waiting: unknown[];
}

/** What the browser gives to one tab. */
export class FakeTab {
  readonly #browser: FakeBrowser;
  /** Tells `pagehide`. */
  readonly page = new EventTarget();
  isAlive = true;
  isFrozen = false;

  constructor(browser: FakeBrowser) {
    this.#browser = browser;
  }

  readonly locks: Locks = {
    request: (name, options, held) => this.#browser.request(this, name, options, held),
  };

  readonly openChannel: OpenChannel = (name, hear) => this.#browser.open(this, name, hear);

  #onThaw: (() => void)[] = [];

  /** Time as this tab has it: while it is frozen none passes for it. */
  scheduleOf(schedule: Schedule): Schedule {
    return {
      now: () => schedule.now(),
      random: () => schedule.random(),
      sleep: async (ms, signal) => {
        await schedule.sleep(ms, signal);
        await this.runs();
      },
    };
  }

  /** Resolves once it is not frozen; never if it has crashed. */
  runs(): Promise<void> {
    if (this.isAlive && !this.isFrozen) return Promise.resolve();
    return new Promise((resolve) => this.#onThaw.push(resolve));
  }

  /** Without a word to anybody, as a renderer that crashes. */
  crash(): void {
    this.isAlive = false;
    this.#browser.forget(this);
  }

  /** It hears and says nothing until it is thawed. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const go of this.#onThaw.splice(0)) go();
    this.#browser.deliver();
  }
}

export class FakeBrowser {
  readonly #holders = new Map<string, Request>();
  #queue: (Request & { readonly name: string })[] = [];
  #ends: End[] = [];
  #losesNext = false;

  /** The next message does not arrive: not what a browser does, but nothing may hang on it. */
  loseNext(): void {
    this.#losesNext = true;
  }

  tab(): FakeTab {
    return new FakeTab(this);
  }

  request(
    tab: FakeTab,
    name: string,
    { signal, steal = false }: { signal?: AbortSignal; steal?: boolean },
    held: () => Promise<void>,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!tab.isAlive) return;
      const request = { name, tab, held, resolve, reject };
      if (steal) {
        const holder = this.#holders.get(name);
        this.#holders.delete(name);
        this.#queue.unshift(request);
        void holder?.tab.runs().then(() => holder.reject(new Error('stolen')));
      } else {
        this.#queue.push(request);
        signal?.addEventListener('abort', () => {
          if (!this.#queue.includes(request)) return;
          this.#queue = this.#queue.filter((other) => other !== request);
          reject(new Error('aborted'));
        });
      }
      this.#grantSoon(name);
    });
  }

  open<T>(tab: FakeTab, name: string, hear: (message: T) => void) {
    const end: End = { tab, name, hear, waiting: [] };
    this.#ends.push(end);
    return {
      post: async (message: T) => {
        if (tab.isFrozen) await tab.runs();
        if (!this.#ends.includes(end)) return;
        const isLost = this.#losesNext;
        this.#losesNext = false;
        if (isLost) return;
        for (const other of this.#ends) {
          if (other !== end && other.name === name) other.waiting.push(structuredClone(message));
        }
        setImmediate(() => this.deliver());
      },
      close: () => {
        this.#ends = this.#ends.filter((other) => other !== end);
      },
    };
  }

  deliver(): void {
    for (const end of this.#ends) {
      while (end.waiting.length > 0 && !end.tab.isFrozen && this.#ends.includes(end)) {
        end.hear(end.waiting.shift() as never);
      }
    }
  }

  forget(tab: FakeTab): void {
    this.#ends = this.#ends.filter((end) => end.tab !== tab);
    this.#queue = this.#queue.filter((request) => request.tab !== tab);
    for (const [name, holder] of [...this.#holders]) {
      if (holder.tab !== tab) continue;
      this.#holders.delete(name);
      this.#grantSoon(name);
    }
  }

  #grantSoon(name: string): void {
    setImmediate(() => {
      if (this.#holders.has(name)) return;
      const next = this.#queue.find((request) => request.name === name);
      if (next === undefined) return;
      this.#queue = this.#queue.filter((request) => request !== next);
      this.#holders.set(name, next);
      void next.held().then(() => {
        if (this.#holders.get(name) !== next) return;
        this.#holders.delete(name);
        next.resolve();
        this.#grantSoon(name);
      });
    });
  }
}
