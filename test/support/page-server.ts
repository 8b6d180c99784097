/** A server with the page of this tree, for a test in a real browser. */

import type { TestContext } from 'node:test';
import type { AppParts } from '../../src/app.ts';
import { builtPage } from './built-page.ts';
import { startServer, type TestServer } from './test-server.ts';

/** Starts it, and closes it with the test. */
export async function servePage(
  t: TestContext,
  options: Record<string, string> = {},
  parts: Partial<AppParts> = {},
): Promise<TestServer> {
  const server = await startServer(options, { publicDirectory: await builtPage(), ...parts });
  t.after(() => server.close());
  return server;
}
