import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../support/sqlite.ts';

const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
const types = fileURLToPath(new URL('../../../public/embed.d.ts', import.meta.url));

/** As somebody writes it who embeds a room: what is right compiles, and each mistake is one. */
const program = `
/// <reference path=${JSON.stringify(types)} />
const room = document.querySelector('parlor-room');
room?.addEventListener('parlor:unread', ({ detail }) => console.log(detail.unread + detail.mentions));
room?.addEventListener('parlor:joined', function ({ detail }) {
  console.log(detail.name.length, this.memberName?.length);
});
room?.addEventListener('click', (event) => console.log(event.type));
document.addEventListener('parlor:message', ({ detail: { name, message, timestamp, isOwn } }) => {
  const said: [string, string, number, boolean] = [name, message, timestamp, isOwn];
  console.log(said);
});
document.addEventListener('parlor:announcement', ({ detail: { id, message, timestamp } }) => {
  const told: [number, string, number] = [id, message, timestamp];
  console.log(told);
});
document.addEventListener('parlor:redaction', ({ detail: { id, target } }) => console.log(id > target));
room?.focus({ preventScroll: true });
// @ts-expect-error it is the room that counts
if (room) room.unread = 5;
// @ts-expect-error nothing of that kind is told
room?.addEventListener('parlor:left', ({ detail }) => detail.reason);
`;

test('the types of the elements are right, in every line', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'page.ts'), program);
  const options = [
    '--noEmit',
    '--strict',
    '--ignoreConfig',
    '--skipLibCheck',
    'false',
    '--lib',
    'ES2022,DOM',
  ];
  const { stdout, status } = spawnSync(process.execPath, [tsc, ...options, '--types', '', 'page.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.deepEqual([stdout, status], ['', 0]);
});
