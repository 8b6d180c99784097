/** A real proxy, started with a recipe, before a server. */

import type { TestContext } from 'node:test';
import { Authority, type Pair } from '../../support/certificates.ts';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { freePort } from '../../support/redis-server.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';
import type { Change, Recipe } from './recipes.ts';

export interface Front {
  readonly server: TestServer;
  readonly proxy: ProxyProcess;
  /** Of the proxy, without a slash at the end. */
  readonly url: string;
  /** Where it speaks plain HTTP, and where TLS, if it does. */
  readonly http: number;
  readonly https: number;
  readonly pair: Pair;
  /** In PEM, of whoever has issued the certificate. */
  readonly ca: string;
}

/**
 * A server with a proxy before it, both gone with the test.
 * @param changes of the recipe's text: bounds that a test could reach only with patience
 */
export async function front(
  t: TestContext,
  recipe: Recipe,
  options: Readonly<Record<string, string>> = {},
  changes: readonly Change[] = [],
): Promise<Front> {
  const server = await startServer({ TRUST_PROXY: '127.0.0.1', ...options });
  t.after(() => server.close());
  const authority = await Authority.create(t);
  const pair = await authority.server();
  const folder = temporaryFolder(t);
  for (let attempt = 1; ; attempt++) {
    const [http, https] = [await freePort(), await freePort()];
    const args = recipe.prepare({ folder, upstream: server.port, http, https, pair }, changes);
    const proxy = new ProxyProcess(t, recipe.program, args, folder, http);
    try {
      await proxy.start();
    } catch (error) {
      // Somebody else may have taken a port meanwhile.
      if (attempt === 3) throw error;
      continue;
    }
    const url = recipe.isSecure ? `https://localhost:${https}` : `http://localhost:${http}`;
    return { server, proxy, url, http, https, pair, ca: authority.texts.cert };
  }
}
