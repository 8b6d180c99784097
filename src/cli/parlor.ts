#!/usr/bin/env node
/** The command `parlor`. */

import { nodeTrouble, version } from '../system/version.ts';
import { Failure, UsageError } from './failure.ts';
import { commandHelp, generalHelp, groupHelp } from './help.ts';
import { parseCall } from './parse-call.ts';

const failed = 1;
const notUnderstood = 2;

async function main(): Promise<void> {
  const call = parseCall(process.argv.slice(2));
  switch (call.type) {
    case 'help':
      process.stdout.write(generalHelp());
      return;
    case 'group-help':
      process.stdout.write(groupHelp(call.group));
      return;
    case 'version':
      process.stdout.write(`${version()}\n`);
      return;
    case 'command-help':
      process.stdout.write(commandHelp(call.name, call.command));
      return;
    case 'run': {
      // What an older one lacks it would tell in words that lead nowhere.
      const trouble = nodeTrouble(process.versions.node);
      if (trouble !== undefined) throw new Failure(trouble);
      return call.command.run(call.args);
    }
  }
}

main().catch((error) => {
  // One line for whoever calls it.
  process.stderr.write(`parlor: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode =
    error instanceof UsageError ? notUnderstood : error instanceof Failure ? error.exitCode : failed;
});
