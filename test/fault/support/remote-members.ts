/**
 * A process full of members, for a network of their own: `remote-members.ts URL CONNECTIONS WAY:COUNT…`. CONNECTIONS are
 * `kept` or `one-shot`. Says `there` once all have joined, and then one line for each complaint. It ends with its input.
 */

import { LiveMember, waysOfLife } from './live-members.ts';

const [url = '', connections, ...groups] = process.argv.slice(2);
const everyMs = 300;
const reportMs = 50;

const members = await Promise.all(
  groups.flatMap((group) => {
    const [name, count] = group.split(':');
    const way = waysOfLife.find((known) => known === name);
    if (!way) throw new Error(`Nobody lives by ${name}.`);
    return Array.from({ length: Number(count) }, (_, index) =>
      LiveMember.join(url, `${way}-${index}`, way, { everyMs, isOneShot: connections === 'one-shot' }),
    );
  }),
);
process.stdout.write('there\n');
setInterval(() => {
  for (const { complaints } of members) {
    for (const complaint of complaints.splice(0)) process.stdout.write(`${complaint}\n`);
  }
}, reportMs).unref();
process.stdin.resume().once('end', () => process.exit());
