/** Loaded into a server before its own code: at a signal it takes all descriptors that are left, at the next one frees them. */

import { closeSync, openSync, writeSync } from 'node:fs';

const taken = [];

process.on('SIGWINCH', () => {
  const line = taken.length === 0 ? eat() : free();
  writeSync(1, `${line}\n`);
});

function eat() {
  for (;;) {
    try {
      taken.push(openSync('/dev/null'));
    } catch (error) {
      return `${taken.length} descriptors taken: ${error.code}`;
    }
  }
}

function free() {
  for (const descriptor of taken.splice(0)) closeSync(descriptor);
  return 'descriptors freed';
}
