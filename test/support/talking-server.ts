/** A server process in a folder of its own, in whose lobby members talk without a pause. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ApiClient } from './api-client.ts';
import { ServerProcess } from './server-process.ts';
import { temporaryFolder } from './sqlite.ts';

export interface TalkingServer {
  readonly server: ServerProcess & { readonly url: string };
  /** Where it was started. */
  readonly folder: string;
  /** What was acknowledged, by its id. */
  readonly said: ReadonlyMap<number, string>;
  /** Resolves when nobody talks any more. */
  stopTalking(): Promise<void>;
}

export async function talkingServer(t: TestContext, members: number): Promise<TalkingServer> {
  const folder = temporaryFolder(t);
  const server = await ServerProcess.start({
    cwd: folder,
    env: { SEND_LIMIT: 'off', HISTORY_EVENTS: 'off' },
  });
  t.after(() => server.stop());
  const said = new Map<number, string>();
  let isOver = false;
  const talk = async (member: ApiClient, name: string): Promise<void> => {
    for (let count = 1; !isOver; count++) {
      const text = `${name} ${count}`;
      const answer = await member.send(text).catch(() => undefined);
      // The server was killed.
      if (answer === undefined) return;
      assert.equal(answer.status, 201);
      said.set(answer.body.id, text);
    }
  };
  const names = Array.from({ length: members }, (_, index) => `Member ${index}`);
  const talking = Promise.all(names.map(async (name) => talk(await ApiClient.join(server.url, name), name)));
  // Whoever asks for it sees it.
  talking.catch(() => {});
  return {
    server,
    folder,
    said,
    async stopTalking() {
      isOver = true;
      await talking;
    },
  };
}
