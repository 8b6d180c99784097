/** Lets a baseline listen on a free port, and says which: the line that `startProgram` waits for. */

import type { AddressInfo, Server } from 'node:net';

export function listen(server: Server): void {
  // Nobody is left who would end it.
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`listening on ${port}\n`);
  });
}
