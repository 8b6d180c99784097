/** What is soaked: a server with a file, or two instances on a Redis, as processes of their own that can be looked into. */

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtServer } from '../../test/fault/support/built-server.ts';
import { openDescriptors, residentBytes } from '../../test/fault/support/process-usage.ts';
import { RedisServer } from '../../test/support/redis-server.ts';
import { secret } from '../../test/support/tokens.ts';
import { Child } from '../child.ts';
import { hall, operatorToken } from './guests.ts';
import type { SoakOptions } from './options.ts';

/** What the probe says of one thread. */
interface ThreadInventory {
  readonly heapBytes: number;
  /** What belongs to objects of the heap: buffers, for one. */
  readonly externalBytes: number;
  readonly objects: number;
  readonly listeners: number;
  readonly timers: number;
  readonly sockets: number;
  /** In all maps and sets. */
  readonly entries: number;
  /** In all arrays. */
  readonly places: number;
  /** How many objects, by the name of what made them. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** What the probe says of all threads, and the kernel of Linux. */
export interface Inventory extends ThreadInventory {
  /** Heap, and what belongs to it, of the store's thread; not in those above. */
  readonly threadBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  /** Of Node, such as of too many listeners. */
  readonly warnings: readonly string[];
}

/** Who is there, as its figures say. */
export interface Present {
  readonly sessions: number;
  readonly streams: number;
  readonly polls: number;
  /** In memory. */
  readonly rooms: number;
}

/**
 * Short, so that what is kept for as long is steady soon, and longer than what a busy machine may be late. The look into an instance of
 * several may hold it up for so long that another takes it for dead, and its sessions for idle.
 */
export function sessionTimeoutSeconds({ isCluster }: Pick<SoakOptions, 'isCluster'>): number {
  return isCluster ? 24 : 8;
}

const probe = new URL('./probe.mjs', import.meta.url).href;
const limits = [
  'SEND_LIMIT',
  'READ_LIMIT',
  'CREATE_LIMIT',
  'UPDATES_LIMIT',
  'FLOOD_STRIKES',
  'MAX_STREAMS_PER_IP',
];

export class SoakedServer {
  readonly url: string;
  readonly #child: Child;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.url = url;
  }

  /**
   * Starts all there are.
   * @param historyEvents how many a room keeps: few enough to be reached before anything is measured
   */
  static async startAll(options: SoakOptions, historyEvents: number): Promise<SoakedServers> {
    const { isCluster, imports } = options;
    const folder = await mkdtemp(join(tmpdir(), 'parlor-soaked-'));
    // After those who write there: `Child` listens as it is loaded.
    const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.once('exit', remove);
    const redis = isCluster ? await RedisServer.start() : undefined;
    const servers: SoakedServer[] = [];
    const stop = async () => {
      await Promise.all(servers.map((server) => server.#child.stop()));
      await redis?.dispose();
      remove();
      process.off('exit', remove);
    };
    const modules = [probe, ...imports.map((path) => pathToFileURL(resolve(path)).href)];
    try {
      const [program = '', ...args] = await builtServer();
      while (servers.length < (isCluster ? 2 : 1)) {
        const child = new Child({
          command: [program, ...modules.map((url) => `--import=${url}`), ...args],
          cwd: folder,
          env: {
            ...Object.fromEntries(limits.map((limit) => [limit, 'off'])),
            PORT: '0',
            LOG_LEVEL: 'info',
            ROOMS: '*',
            STORE_URL: redis?.url ?? 'sqlite:./parlor.db',
            ADMIN_TOKEN: operatorToken,
            AUTH: 'jwt,open',
            JWT_SECRET: secret,
            FEED: 'public',
            SESSION_TIMEOUT: `${sessionTimeoutSeconds(options)}`,
            REAPER_INTERVAL: '1',
            // Whoever looks into the process makes its loop late, and what it takes is what is measured: nobody is kept out for either.
            MAX_LOOP_DELAY: 'off',
            MAX_MEMORY: 'off',
            SLOW_CLIENT_SECONDS: '2',
            MAX_MESSAGE_BYTES: `${hall.messageBytes}`,
            HISTORY_BYTES: `${hall.historyBytes}`,
            HISTORY_EVENTS: `${historyEvents}`,
          },
        });
        const url = await child.printed(/Parlor is open at (http:\/\/[^\s"]+)/);
        servers.push(new SoakedServer(child, url));
      }
    } catch (error) {
      await stop();
      throw error;
    }
    return { servers, stop };
  }

  base(room = 'lobby'): string {
    return `${this.url}/v1/rooms/${room}`;
  }

  async inventory(): Promise<Inventory> {
    const { own, others, warnings } = await this.#child.asked<{
      own: ThreadInventory;
      others: readonly ThreadInventory[];
      warnings: readonly string[];
    }>('inventory');
    const { pid } = this.#child;
    return {
      ...others.reduce(withCountsOf, own),
      threadBytes: others.reduce((sum, { heapBytes, externalBytes }) => sum + heapBytes + externalBytes, 0),
      residentBytes: residentBytes(pid),
      descriptors: openDescriptors(pid),
      warnings,
    };
  }

  async present(): Promise<Present> {
    const figures = await this.#figures();
    return {
      sessions: sumOf(figures, 'parlor_sessions'),
      streams: sumOf(figures, 'parlor_streams'),
      polls: sumOf(figures, 'parlor_polls_waiting'),
      rooms: sumOf(figures, 'parlor_rooms'),
    };
  }

  /** How many streams and sessions have ended, by `stream REASON` and `session REASON`. */
  async endings(): Promise<Readonly<Record<string, number>>> {
    const lines = (await this.#figures()).matchAll(
      /^parlor_(stream|session)s_ended_total\{reason="([\w-]+)"\} (\d+)$/gm,
    );
    return Object.fromEntries(
      [...lines].map(([, what, reason, count]) => [`${what} ${reason}`, Number(count)]),
    );
  }

  async #figures(): Promise<string> {
    const headers = { authorization: `Bearer ${operatorToken}` };
    const response = await fetch(`${this.url}/metrics`, { headers });
    if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`);
    return response.text();
  }
}

export interface SoakedServers {
  readonly servers: readonly SoakedServer[];
  /** Ends the processes, and removes what they have written. */
  stop(): Promise<void>;
}

/** Bytes stay those of the first. */
function withCountsOf(first: ThreadInventory, other: ThreadInventory): ThreadInventory {
  const kinds = { ...first.kinds };
  for (const [name, count] of Object.entries(other.kinds)) kinds[name] = (kinds[name] ?? 0) + count;
  return {
    ...first,
    objects: first.objects + other.objects,
    listeners: first.listeners + other.listeners,
    timers: first.timers + other.timers,
    sockets: first.sockets + other.sockets,
    entries: first.entries + other.entries,
    places: first.places + other.places,
    kinds,
  };
}

function sumOf(figures: string, name: string): number {
  const lines = figures.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}
