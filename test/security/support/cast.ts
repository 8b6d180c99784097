/** Those who ask in the matrix of routes: each with his secret, in a server of their own. */

import assert from 'node:assert/strict';
import { ApiClient } from '../../support/api-client.ts';
import { type Carrier, somebodysBan, type Visitor } from './route-table.ts';
import { adminToken, type WatchedServer } from './watched-server.ts';

const places: Readonly<Partial<Record<Visitor, readonly [name: string, room: string]>>> = {
  member: ['Bertrada', 'lobby'],
  'other member': ['Cunegund', 'lobby'],
  'member elsewhere': ['Danewulf', 'other'],
};

/** The name of whoever comes in by a request of the matrix. */
export const newcomer = 'Newcomer';
/** What nobody sees who may not read the lobby. */
export const inTheLobby = /Adalwolf|Bertrada|Cunegund|said among members/;

export class Cast {
  readonly #server: WatchedServer;
  readonly #secrets = new Map<Visitor, string>([
    ['admin', adminToken],
    ['wrong admin', `${adminToken.slice(0, -1)}x`],
  ]);
  /** Of the member. */
  sessionId = '';

  private constructor(server: WatchedServer) {
    this.#server = server;
  }

  /** Lets them in; Adalwolf is there too, and never asks anything. */
  static async of(server: WatchedServer): Promise<Cast> {
    const cast = new Cast(server);
    const witness = await ApiClient.join(server.url, 'Adalwolf');
    await witness.send('said among members');
    for (const visitor of Object.keys(places)) await cast.#join(visitor as Visitor);
    const dead = await ApiClient.join(server.url, 'Eve');
    assert.equal((await dead.destroy()).status, 204);
    cast.#secrets.set('dead session', dead.token ?? '');
    const ban = await server.ask({
      method: 'POST',
      path: '/v1/admin/bans',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(somebodysBan),
    });
    assert.equal(ban.status, 201);
    return cast;
  }

  /** The headers by which somebody proves who he is, or wrongly claims to be. */
  headers(visitor: Visitor, carrier: Carrier): Record<string, string> {
    const secret = this.#secrets.get(visitor);
    if (secret === undefined) return {};
    // Also of who is elsewhere: under the name that would let him in here.
    return carrier === 'bearer'
      ? { authorization: `Bearer ${secret}` }
      : { cookie: `parlor-lobby=${secret}` };
  }

  /** The names under which what a visitor does is his own. */
  namesOf(visitor: Visitor): readonly string[] {
    return [newcomer, ...(places[visitor]?.slice(0, 1) ?? [])];
  }

  /** Has a visitor come anew, who has left, taken another name, or said something; newcomers go. */
  async renew(visitor: Visitor): Promise<void> {
    const own = this.namesOf(visitor);
    for (const { name, sessionId } of (await this.#server.state()).sessions) {
      if (!own.includes(String(name))) continue;
      const { status } = await this.#server.ask({
        method: 'DELETE',
        path: `/v1/admin/sessions/${sessionId}`,
        headers: { authorization: `Bearer ${adminToken}` },
      });
      assert.equal(status, 204);
    }
    if (places[visitor]) await this.#join(visitor);
  }

  async #join(visitor: Visitor): Promise<void> {
    const [name, room] = places[visitor] ?? [];
    const client = new ApiClient(this.#server.url, room);
    const { status, body } = await client.create({ name });
    assert.equal(status, 201);
    this.#secrets.set(visitor, client.token ?? '');
    if (visitor === 'member') this.sessionId = body.sessionId;
  }
}
