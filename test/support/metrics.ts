/** The figures of a server, as whoever scrapes reads them. */

import assert from 'node:assert/strict';
import { adminToken } from './admin.ts';

/** The samples by name and labels, as they are written: `parlor_streams{room="lobby",kind="feed"}`. */
export class Figures {
  readonly text: string;
  readonly #samples: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.text = text;
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    this.#samples = new Map(
      lines.map((line) => {
        const [, name = '', value = ''] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
        assert.notEqual(name, '', line);
        return [name, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)];
      }),
    );
  }

  get samples(): ReadonlyMap<string, number> {
    return this.#samples;
  }

  /** @throws if there is no such sample */
  of(name: string): number {
    const value = this.#samples.get(name);
    assert.ok(value !== undefined, `${name} is in\n${this.text}`);
    return value;
  }
}

export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Figures> {
  const response = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${adminToken}`, ...headers },
  });
  assert.equal(response.status, 200);
  return new Figures(await response.text());
}
