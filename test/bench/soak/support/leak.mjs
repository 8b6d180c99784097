/**
 * Loaded into a server that is soaked: ten times a second, if something is asked, it keeps what it should let go of. By the clock, so that
 * it is as much on a slow machine.
 */
import { subscribe } from 'node:diagnostics_channel';
import { openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const everyMs = 100;
const most = 1_000;
const each = { bytes: 512 * 1024, handles: 3, listeners: 20 };
const kept = [];
let last = 0;
let times = 0;

if (isMainThread) {
  subscribe('http.server.request.start', () => {
    if (performance.now() - last < everyMs || times >= most) return;
    last = performance.now();
    times += 1;
    kept.push(Buffer.alloc(each.bytes));
    for (let count = 0; count < each.listeners; count++) process.on('nothing', () => {});
    for (let count = 0; count < each.handles; count++) {
      kept.push(openSync('/dev/null'), setTimeout(() => {}, 3_600_000).unref());
    }
  });
}
