/** Requests over TLS to a server whose authority the test has made, maybe with a certificate of one's own. */

import https from 'node:https';
import type { TestContext } from 'node:test';

export interface SecureAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON. */
  readonly body: unknown;
}

/** What a client has: whom it trusts, and who it says to be. */
export function agentOf(t: TestContext, options: https.AgentOptions): https.Agent {
  const agent = new https.Agent(options);
  t.after(() => agent.destroy());
  return agent;
}

export interface SecureRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export function ask(agent: https.Agent, url: string, request: SecureRequest = {}): Promise<SecureAnswer> {
  const { method = request.body === undefined ? 'GET' : 'POST', headers = {}, body } = request;
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = https.request(url, { agent, method, headers: { ...type, ...headers } }, async (response) => {
      try {
        let text = '';
        for await (const piece of response.setEncoding('utf8')) text += piece;
        const given = new Headers();
        for (const [name, values] of Object.entries(response.headersDistinct)) {
          for (const value of values ?? []) given.append(name, value);
        }
        const isJson = /json/.test(given.get('content-type') ?? '') && text !== '';
        resolve({
          status: response.statusCode ?? 0,
          headers: given,
          body: isJson ? JSON.parse(text) : text,
        });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Opens a session with a bearer token. */
export async function joinSecurely(
  agent: https.Agent,
  url: string,
  body: Readonly<Record<string, unknown>>,
): Promise<SecureAnswer & { token: string }> {
  const answer = await ask(agent, `${url}/v1/rooms/lobby/session`, {
    body: { credential: 'bearer', ...body },
  });
  const { token } = Object(answer.body);
  return { ...answer, token: String(token) };
}
