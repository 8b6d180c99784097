/** A server with an administration, and what its operator asks and has done. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { AdminDeed } from '../../src/core/observer.ts';
import { startServer, type TestServer } from './test-server.ts';

export const adminToken = 'a-secret-of-enough-characters';

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered, for tests to look into
  readonly body: any;
}

export interface AdminServer extends TestServer {
  /** For the audit log. */
  readonly deeds: AdminDeed[];
  /** Asks below `/v1/admin`, with the right token unless another is given. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<AdminAnswer>;
}

/** Closed after the test, unless it is given up before. */
export async function startAdminServer(
  t: TestContext,
  ...[options, parts]: Parameters<typeof startServer>
): Promise<AdminServer> {
  const deeds: AdminDeed[] = [];
  const limits = { CREATE_LIMIT: 'off', UPDATES_LIMIT: 'off', SEND_LIMIT: 'off', READ_LIMIT: 'off' };
  const server = await startServer(
    { ADMIN_TOKEN: adminToken, ...limits, ...options },
    { ...parts, observer: { ...parts?.observer, administered: (deed) => deeds.push(deed) } },
  );
  t.after(() => server.close());
  const ask: AdminServer['ask'] = (method, path, body, token = adminToken) =>
    request(`${server.url}/v1/admin${path}`, method, body, token);
  return { ...server, deeds, ask };
}

async function request(url: string, method: string, body: unknown, token: string): Promise<AdminAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== 204) assert.notEqual(text, '', `${method} ${url} has an answer`);
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}
