/** A server within the process of the tests: up in no time, and enough wherever none is killed. */

import type { TestContext } from 'node:test';
import { roomy } from '../../fault/support/lasting-server.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';

/** Whoever waits for a program that is compiled on a slow machine must not expire meanwhile. */
export const patient = { SESSION_TIMEOUT: '3600' };

/** Gone after the test. */
export async function openServer(t: TestContext, env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ ...roomy, ...patient, LOG_LEVEL: 'silent', ...env });
  t.after(() => server.close());
  return server;
}
