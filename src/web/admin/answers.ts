/** What the admin API answers, as the page reads it; `test/web/admin/answers.test.ts` holds it to the server's schemas. */

export interface AdminSession {
  readonly sessionId: string;
  /** Null: nobody vouched for who it is. */
  readonly user: { readonly id: string; readonly name: string } | null;
  readonly name: string;
  readonly room: string;
  readonly delivery: string;
  readonly state: string;
  /** Null: in the server itself. */
  readonly address: string | null;
  readonly createdAt: number;
  readonly lastInbound: number;
  readonly lastOutbound: number;
  readonly streams: number;
  readonly lag: { readonly bytes: number; readonly events: number };
}

export interface AdminRoom {
  readonly name: string;
  readonly members: number;
  readonly streams: number;
  readonly sessions: number;
  readonly events: number;
  readonly bytes: number;
  readonly closed: { readonly since: number; readonly reason: string | null } | null;
}

export type BanKind = 'user' | 'name' | 'address';

export interface Ban {
  readonly id: string;
  readonly kind: BanKind;
  readonly value: string;
  /** Null: everywhere. */
  readonly room: string | null;
  readonly reason: string | null;
  readonly createdAt: number;
  /** Null: until it is lifted. */
  readonly until: number | null;
}

/** Whom to ban, where, for how long. */
export interface BanWish {
  readonly kind: BanKind;
  readonly value: string;
  readonly room?: string;
  readonly seconds?: number;
  readonly reason?: string;
}

/** What the server does, at one moment; `counters` only rise until it is started anew. */
export interface Stats {
  readonly now: number;
  readonly startedAt: number;
  readonly version: string;
  readonly status: string;
  readonly sessions: { readonly pull: number; readonly push: number; readonly reserved: number };
  readonly rooms: number;
  readonly members: number;
  readonly streams: number;
  readonly polls: number;
  readonly counters: {
    readonly messages: number;
    readonly events: number;
    readonly deliveries: number;
    readonly created: number;
    readonly ended: number;
    readonly refused: number;
    readonly gaps: number;
  };
  readonly lag: { readonly bytes: number; readonly events: number };
  /** Why it is away, if that is known. */
  readonly store: { readonly trouble: string | null };
  readonly memory: { readonly rss: number; readonly heapUsed: number };
  readonly loopDelayMs: { readonly mean: number; readonly p99: number };
  readonly overload: { readonly cause: string; readonly since: number } | null;
  readonly cpu: { readonly userMs: number; readonly systemMs: number };
}
