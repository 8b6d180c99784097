import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { faultsOf, installGlobally, pack, proveCommand } from '../scripts/release/package.ts';
import { builtServer } from './fault/support/built-server.ts';
import { installedPackage } from './support/installed-package.ts';
import { temporaryFolder } from './support/sqlite.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(project, 'node_modules/typescript/bin/tsc');

test('the package is as npm and compilers expect one, for whoever imports modules', async (t) => {
  assert.deepEqual(await faultsOf(pack(await builtPackage(t), temporaryFolder(t))), []);
});

test('what is wrong with a package is found', async (t) => {
  const folder = await builtPackage(t);
  rmSync(join(folder, 'dist/client/index.d.ts'));
  const faults = await faultsOf(pack(folder, temporaryFolder(t)));
  assert.match(faults.join('\n'), /publint: .*FILE_DOES_NOT_EXIST/);
  assert.match(faults.join('\n'), /attw: .*UntypedResolution/);
});

test('installed for everybody it is the command parlor, with all that its page loads', async (t) => {
  const folder = await builtPackage(t);
  const prefix = temporaryFolder(t);
  // Without the packages it needs nothing has to be fetched; that they are all named is for knip to find.
  const { version, ...content } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const alone = { ...content, version, dependencies: {}, devDependencies: {} };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(alone));
  const command = installGlobally(pack(folder, prefix), prefix, ['--offline', '--ignore-scripts']);
  symlinkSync(join(project, 'node_modules'), join(prefix, 'lib/node_modules/parlor/node_modules'));
  await proveCommand(command, version, prefix);
});

/** A folder with all that npm packs, built of this tree. */
async function builtPackage(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t);
  const built = dirname(dirname((await builtServer()).at(-1) ?? ''));
  cpSync(join(built, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(built, 'public'), join(folder, 'public'), { recursive: true, dereference: true });
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'public/embed.d.ts']) {
    cpSync(join(project, name), join(folder, name));
  }
  return folder;
}

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
