import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installedClient } from './support/installed-client.ts';

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

/** As a user writes it: what is right compiles, and each mistake is one. */
const program = `
import { join, ProblemError, RoomClient, type ChatRoomEvent, type Gap } from 'parlor/client';

const room: RoomClient = await join({ url: 'http://127.0.0.1:3000', room: 'lobby', name: 'Ada', storage: localStorage });
const { id, timestamp }: { id: number; timestamp: number } = await room.send('hello');
const end: () => void = room.on('message', ({ name, message, key }) => {
  const texts: [string, string, string | undefined] = [name, message, key];
  console.log(texts, id, timestamp);
});
end();
room.on('leave', ({ name }) => console.log(name.length));
room.on('state', (state, { retryAt, why }) => {
  if (state === 'polling') console.log(why === 'mute');
  else if (state === 'ended') console.log(room.ending?.reason);
  else console.log(retryAt);
});
for await (const event of room) {
  switch (event.type) {
    case 'gap':
      console.log(event.lost);
      break;
    case 'message':
      console.log(event.message);
      break;
    case 'join':
    case 'leave':
      console.log(event.name);
      break;
    case 'announcement':
      console.log(event.redacted === true ? 'removed' : event.message);
      break;
    case 'redaction':
      console.log(event.target);
      break;
    default: {
      const nothingElse: never = event;
      console.log(nothingElse);
    }
  }
}
try {
  await new RoomClient({ room: 'lobby', fetch: globalThis.fetch }).join({ name: 'Bob', password: 'secret' });
} catch (error) {
  if (error instanceof ProblemError) console.log(error.problem.code, error.problem.retryAfterMs);
}
const either: ChatRoomEvent | Gap = { type: 'gap', lost: null };
console.log(either);

// @ts-expect-error there is no such news
room.on('mesage', () => {});
// @ts-expect-error a join says nothing
room.on('join', ({ message }) => console.log(message));
// @ts-expect-error the room is missing
new RoomClient({ url: 'http://127.0.0.1:3000' });
// @ts-expect-error how it stands is for the client to say
room.state = 'live';
// @ts-expect-error a text is one
await room.send(42);
`;

test('its types are those of users, in Node as with a bundler, and need no types of Node', async (t) => {
  const { folder } = await installedClient(t);
  writeFileSync(join(folder, 'program.ts'), program);
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['program.ts'] }),
    );
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    assert.equal(stdout, '', `${module}`);
    assert.equal(status, 0);
  }
});
