/** Whoever runs a server, as the clients' tests need him: he speaks to the room, takes texts back, shows people out. */

import assert from 'node:assert/strict';

/** For the options of the server that he runs. */
export const operated = { ADMIN_TOKEN: 'a-secret-of-enough-characters' };

interface Listed {
  readonly name: string;
  readonly sessionId: string;
}

export class Operator {
  readonly #url: string;

  constructor(url: string) {
    this.#url = `${url}/v1/admin`;
  }

  /** The id of what he says. */
  async announce(message: string, room = 'lobby'): Promise<number> {
    const body = JSON.stringify({ message });
    const answer = await this.#ask('POST', `/rooms/${room}/announcements`, 201, body);
    const { id } = (await answer.json()) as { readonly id: number };
    return id;
  }

  async redact(id: number, room = 'lobby'): Promise<void> {
    await this.#ask('DELETE', `/rooms/${room}/messages/${id}`, 200);
  }

  /** Shows somebody out, by his name. */
  async remove(name: string, reason: string): Promise<void> {
    const answer = await this.#ask('GET', '/sessions', 200);
    const { sessions } = (await answer.json()) as { readonly sessions: readonly Listed[] };
    const found = sessions.find((session) => session.name === name);
    assert.ok(found, `${name} is not here`);
    await this.#ask('DELETE', `/sessions/${found.sessionId}?reason=${encodeURIComponent(reason)}`, 204);
  }

  async #ask(method: string, path: string, status: number, body?: string): Promise<Response> {
    const headers = {
      authorization: `Bearer ${operated.ADMIN_TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await fetch(this.#url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    assert.equal(answer.status, status, `${method} ${path}`);
    return answer;
  }
}
