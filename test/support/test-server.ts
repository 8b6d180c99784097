/** The whole server on a free port of the loopback, with options as in the environment. */

import type { FastifyInstance } from 'fastify';
import { type AppParts, buildApp } from '../../src/app.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';

import { noteSecret } from './secrets.ts';
import { assertTrue, watchAnswers } from './true-answers.ts';
import { watchedLog } from './watched-log.ts';

export interface TestServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly app: FastifyInstance;
  readonly config: Config;
  /** What the server reported as its own faults. */
  readonly faults: unknown[];
  /** What its log has at the lowest level, and its error answers. */
  readonly lines: readonly string[];
  /**
   * Throws too if a secret stands in its log, in an error, or in an address that it was asked for, or if an answer or an event
   * was not as `/openapi.json` says.
   */
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
    // A busy machine is no reason to turn somebody away here.
    MAX_LOOP_DELAY: 'off',
    ...options,
  });
  for (const option of ['ADMIN_TOKEN', 'JWT_SECRET']) noteSecret(options[option]);
  const faults: unknown[] = [];
  const log = watchedLog({
    ...parts,
    observer: {
      ...parts.observer,
      fault(error, doing) {
        faults.push({ error, doing });
        parts.observer?.fault?.(error, doing);
      },
    },
  });
  const app = await watchAnswers(() =>
    buildApp(config, {
      publicDirectory,
      ...parts,
      ...log.parts,
      reportProblem: (problem, thrown, asked) => {
        log.parts.reportProblem(problem, thrown, asked);
        if (problem.code === 'internal') faults.push(thrown);
      },
    }),
  );
  app.server.on('request', ({ url = '', headers }) => log.noteRequest(url, headers.authorization));
  const listensAt = await app.listen({ host: config.host, port: config.port });
  const url = config.tlsCert === null ? listensAt : listensAt.replace(/^http:/, 'https:');
  const close = async (): Promise<void> => {
    await app.close();
    log.check();
    assertTrue();
  };
  return { url, port: Number(new URL(url).port), app, config, faults, lines: log.lines, close };
}
