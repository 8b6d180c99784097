/**
 * What a server in a test would write into its log at the lowest level, with all that it answered as an error: when the
 * server closes, there is no secret in it. The addresses that it was asked for are looked at too.
 */

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { AppParts } from '../../src/app.ts';
import type { RoomObserver } from '../../src/core/observer.ts';
import { logObserver, logProblems } from '../../src/system/log-observer.ts';
import { systemTokens } from '../../src/system/system-tokens.ts';
import { assertNoSecret, noteSecret, tokenIn } from './secrets.ts';

export interface WatchedLog {
  /** The parts of the server by which it is watched. */
  readonly parts: Required<Pick<AppParts, 'observer' | 'reportProblem' | 'warn' | 'tokens'>>;
  readonly lines: readonly string[];
  /** Told of each request. */
  noteRequest(url: string, authorization: string | undefined): void;
  /** Throws if a secret stands in a line, or a session's token in an address. */
  check(): void;
}

/** @param own what the test has given */
export function watchedLog(own: Partial<AppParts>): WatchedLog {
  const lines: string[] = [];
  const addresses: string[] = [];
  const log = pino(
    { level: 'trace' },
    new Writable({
      decodeStrings: false,
      write(line: string, _encoding, done) {
        lines.push(line);
        done();
      },
    }),
  );
  const tokens = own.tokens ?? systemTokens;
  const logProblem = logProblems(log);
  return {
    parts: {
      tokens: {
        id: () => tokens.id(),
        hash: (token) => tokens.hash(token),
        issue() {
          const token = tokens.issue();
          noteSecret(token);
          return token;
        },
      },
      observer: bothOf(logObserver(log), own.observer),
      reportProblem(problem, thrown, asked) {
        logProblem(problem, thrown, asked);
        lines.push(JSON.stringify(problem));
        own.reportProblem?.(problem, thrown, asked);
      },
      warn(line) {
        lines.push(line);
        own.warn?.(line);
      },
    },
    lines,
    noteRequest(url, authorization) {
      // Signed by an issuer; what a session has, its server has noted.
      noteSecret(/^Bearer +(eyJ[\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1]);
      // What AUTH_TOKENS allows there is no session's.
      if (url.length > 40 && tokenIn(url) !== undefined) addresses.push(url);
    },
    check() {
      assertNoSecret(lines.join('\n'), 'The log, or an error,');
      assert.deepEqual(addresses, [], 'no address shows the token of a session');
    },
  };
}

/** An observer that tells two. */
function bothOf(first: RoomObserver, second: RoomObserver = {}): RoomObserver {
  return new Proxy(first, {
    get: (_target, key: keyof RoomObserver) =>
      function tell(...args: unknown[]) {
        for (const observer of [first, second]) {
          const method: unknown = observer[key];
          if (typeof method === 'function') method.apply(observer, args);
        }
      },
  });
}
