/** `parlor users …`: the users of `AUTH=file:PATH`. */

import { formatHash, hashPassword } from '../auth/password-hash.ts';
import { quote } from '../core/quote.ts';
import type { Arguments } from './arguments.ts';
import { Failure } from './failure.ts';
import { readPassword } from './read-password.ts';
import { UserFile, type Users } from './user-file.ts';

const shownOut = 'A running server ends the sessions under that name within REVOKE_SECONDS.';

export async function addUser({ operand, options }: Arguments): Promise<void> {
  const file = new UserFile(options.file);
  const { name, key } = file.check(operand);
  const refuseTaken = ({ entries }: Users): void => {
    const taken = entries.get(key);
    if (taken)
      throw new Failure(`${quote(taken.name)} is a user already; "parlor users passwd" changes passwords.`);
  };
  // Before somebody types a password, and again when it counts.
  refuseTaken(file.read());
  const line = await lineOf(name);
  file.change((users) => {
    refuseTaken(users);
    return [...users.lines, line];
  });
  process.stdout.write(`${name} is a user now.\n`);
}

export async function changePassword({ operand, options }: Arguments): Promise<void> {
  const file = new UserFile(options.file);
  const { key } = file.check(operand);
  const { name } = requireUser(file.read(), key, operand);
  const line = await lineOf(name);
  file.change((users) => users.lines.with(requireUser(users, key, operand).line - 1, line));
  process.stdout.write(`${name} has another password. ${shownOut}\n`);
}

export async function removeUser({ operand, options }: Arguments): Promise<void> {
  const file = new UserFile(options.file);
  const { key } = file.check(operand);
  let name = operand;
  file.change((users) => {
    const entry = requireUser(users, key, operand);
    name = entry.name;
    return users.lines.toSpliced(entry.line - 1, 1);
  });
  process.stdout.write(`${name} is no user any more. ${shownOut}\n`);
}

export async function listUsers({ options }: Arguments): Promise<void> {
  const names = [...new UserFile(options.file).read().entries.values()].map(({ name }) => `${name}\n`);
  process.stdout.write(names.join(''));
}

async function lineOf(name: string): Promise<string> {
  return `${name}:${formatHash(await hashPassword(await readPassword(name)))}`;
}

function requireUser({ entries }: Users, key: string, name: string) {
  const entry = entries.get(key);
  if (entry) return entry;
  throw new Failure(`There is no user ${quote(name)}; "parlor users list" shows those there are.`);
}
