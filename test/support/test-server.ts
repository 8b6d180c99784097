/** The whole server on a free port of the loopback, with options as in the environment. */

import type { FastifyInstance } from 'fastify';
import { type AppParts, buildApp } from '../../src/app.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';

export interface TestServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly app: FastifyInstance;
  readonly config: Config;
  /** What the server reported as its own faults. */
  readonly faults: unknown[];
  close(): Promise<void>;
}

const publicDirectory = new URL('../../public', import.meta.url).pathname;

/** @param options as in the environment, for example `{SESSION_TIMEOUT: '2'}` */
export async function startServer(
  options: Readonly<Record<string, string>> = {},
  parts: Partial<AppParts> = {},
): Promise<TestServer> {
  const config = parseConfig({
    PORT: '0',
    LOG_LEVEL: 'silent',
    STORE_URL: 'memory:',
    // It lingers for a share of this.
    SHUTDOWN_SECONDS: '0',
    ...options,
  });
  const faults: unknown[] = [];
  const app = await buildApp(config, {
    publicDirectory,
    ...parts,
    observer: {
      ...parts.observer,
      fault(error, doing) {
        faults.push({ error, doing });
        parts.observer?.fault?.(error, doing);
      },
    },
    reportProblem: ({ code }, thrown) => {
      if (code === 'internal') faults.push(thrown);
    },
  });
  const listensAt = await app.listen({ host: config.host, port: config.port });
  const url = config.tlsCert === null ? listensAt : listensAt.replace(/^http:/, 'https:');
  return { url, port: Number(new URL(url).port), app, config, faults, close: () => app.close() };
}
