import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { builtServer } from './fault/support/built-server.ts';
import { installedPackage } from './support/installed-package.ts';
import { temporaryFolder } from './support/sqlite.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(project, 'node_modules/typescript/bin/tsc');

test('the package is as npm and compilers expect one, for whoever imports modules', async (t) => {
  const folder = temporaryFolder(t);
  cpSync(dirname((await builtServer()).at(-1) ?? ''), join(folder, 'dist'), { recursive: true });
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    cpSync(join(project, name), join(folder, name));
  }
  cpSync(join(project, 'public/embed.d.ts'), join(folder, 'public/embed.d.ts'));
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const tarball = new Uint8Array(readFileSync(join(folder, packed.trim().split('\n').at(-1) ?? '')));

  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  assert.deepEqual(messages, []);

  const checked = await checkPackage(createPackageFromTarballData(tarball));
  assert.ok(checked.types);
  assert.deepEqual(Object.keys(checked.entrypoints), ['.', './client', './embed', './package.json']);
  // There is no CommonJS of it, and what knows no `exports` is older than any Node that runs it.
  const isOld = (problem: object): boolean =>
    'resolutionKind' in problem &&
    (problem.resolutionKind === 'node10' || problem.resolutionKind === 'node16-cjs');
  assert.deepEqual(
    checked.problems.filter((problem) => !isOld(problem)),
    [],
  );
});

/** As somebody writes it who embeds Parlor: what is right compiles, and each mistake is one. */
const program = `
import Fastify from 'fastify';
import parlor, { ChatError, type Authenticator, type Hooks, type Member, type SessionHandle } from 'parlor';

const authenticator: Authenticator = {
  async authenticate({ name, password }) {
    if (password !== 'sesame') throw new ChatError('permission-denied', 'Say the word.');
    return { name: name ?? 'Guest', user: { id: '1', name: 'Guest', claims: { may: 'talk' } } };
  },
};
const handles: SessionHandle[] = [];
const hooks: Hooks = {
  onSessionCreated(handle, { resumed }) {
    handles.push(handle);
    handle.use(() => console.log(handle.name, resumed));
  },
  onSessionDestroyed: (user, sessionId, reason) => console.log(user?.id, sessionId, reason === 'expired'),
  authorize: async (user, operation, { room, name, message }) =>
    operation !== 'send' || (user?.claims.may === 'talk' && [room, name].includes('lobby') && message !== ''),
  validateName: (_user, name) => (name.length > 3 ? undefined : 'Too short.'),
  validateMessage: async (_user, _room, text) => (text === 'no' ? 'Not this.' : undefined),
};
const app = Fastify();
await app.register(parlor, {
  prefix: '/chat',
  rooms: ['lobby'],
  storeUrl: 'memory:',
  sessionTimeout: 'off',
  sendLimit: '20/10',
  maxMessageBytes: '2KiB',
  maxMembers: 10,
  authenticator,
  hooks,
});
const bot: Member = await app.parlor.join('lobby', 'Bot');
const end: () => void = bot.listen((event) => {
  switch (event.type) {
    case 'message':
      console.log(event.name, event.message);
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
});
end();
const { id, timestamp }: { id: number; timestamp: number } = await app.parlor.send('lobby', 'Bot', 'hello');
const announced: { id: number; timestamp: number } = await app.parlor.announce('lobby', 'hello');
const redaction: { id: number; timestamp: number } = await app.parlor.redact('lobby', announced.id);
const [room] = await app.parlor.rooms();
const names: readonly string[] = room?.users ?? [];
console.log(id, timestamp, redaction.id, names, app.parlor.sessions('lobby').length, app.parlor.session('1')?.isClosed);

// @ts-expect-error there is no such option
await app.register(parlor, { sesionTimeout: 5 });
// @ts-expect-error it is a number, or off
await app.register(parlor, { maxMembers: true });
// @ts-expect-error whoever embeds it listens himself
await app.register(parlor, { port: 3000 });
// @ts-expect-error what a room has is for its log to say
room!.users.push('Eve');
// @ts-expect-error a text is one
await app.parlor.send('lobby', 'Bot', 42);
// @ts-expect-error what is redacted has an id
await app.parlor.redact('lobby', '3');
// @ts-expect-error there is no such code
throw new ChatError('no-way', 'No.');
`;

test('its types are those of an application that embeds it', async (t) => {
  const { folder } = await installedPackage(t);
  writeFileSync(join(folder, 'program.ts'), program);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['program.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});
