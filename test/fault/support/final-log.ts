/** What a room's log has, read from outside by whoever is none of its members. */

import http from 'node:http';
import { call } from './http-call.ts';
import type { SeenEvent } from './records.ts';

interface Page {
  readonly events: readonly SeenEvent[];
  readonly cursor: string;
  readonly more: boolean;
  readonly lost?: number | null;
}

const pageLimit = 1000;

/**
 * Reads the log from a cursor on, or all of it, page by page.
 * @throws Error if its beginning is no longer kept
 */
export async function readLog(base: string, start = '0'): Promise<SeenEvent[]> {
  const agent = new http.Agent({ keepAlive: true });
  const { signal } = new AbortController();
  const events: SeenEvent[] = [];
  try {
    for (let after = start; ; ) {
      const url = `${base}/history?after=${after}&limit=${pageLimit}`;
      const { status, body } = await call({ method: 'GET', url, agent, signal });
      if (status !== 200) throw new Error(`history answered ${status} ${JSON.stringify(body)}`);
      const page = body as Page;
      if (page.lost !== undefined) throw new Error(`The log no longer reaches ${after}.`);
      events.push(...page.events);
      if (!page.more) return events;
      after = page.cursor;
    }
  } finally {
    agent.destroy();
  }
}

/** The id of a room's newest event. */
export async function headOf(base: string): Promise<number> {
  const response = await fetch(`${base}/history?limit=1`);
  const { events } = (await response.json()) as Page;
  return events.at(-1)?.id ?? 0;
}
