/**
 * Loaded into a server's process before everything else, in each of its threads. Asked for an `inventory`, it collects what is
 * garbage and says what is left: bytes, and objects of which somebody who forgets them makes more and more. What merely could
 * keep the process alive (`process.getActiveResourcesInfo`) is not enough: timers that are unref'ed are not in it.
 */
import { EventEmitter } from 'node:events';
import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
// What was finalised by the first collection goes with the second.
const settleMs = 20;
/** A name by which the inspector finds a function of this file. */
const shared = 'soakProbeCount';
const threads = new BroadcastChannel('soak-probe');
threads.unref();

if (isMainThread) {
  const warnings = [];
  const heaps = new Map();
  let answered = () => {};
  process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
  threads.onmessage = ({ data: { thread, bytes } }) => {
    heaps.set(thread, bytes);
    if ([...heaps.values()].every((each) => each !== undefined)) answered();
  };
  process.on('message', async (asked) => {
    if (asked !== 'inventory') return;
    for (const thread of heaps.keys()) heaps.set(thread, undefined);
    const others = heaps.size === 0 ? undefined : new Promise((resolve) => (answered = resolve));
    threads.postMessage('inventory');
    const heapBytes = await ownBytes();
    await others;
    const threadBytes = [...heaps.values()].reduce((sum, bytes) => sum + bytes, 0);
    process.send({ heapBytes, threadBytes, ...countObjects(), warnings });
  });
  // Whoever soaks it may be killed.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
} else {
  const answer = async () => threads.postMessage({ thread: threadId, bytes: await ownBytes() });
  threads.onmessage = answer;
  // Whoever asks has to know how many there are.
  answer();
}

async function ownBytes() {
  collect();
  await delay(settleMs);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Of all objects in one go: the inspector walks through the whole heap for each question. */
function countObjects() {
  const timer = setTimeout(() => {});
  clearTimeout(timer);
  const kinds = { EventEmitter, Socket, Timeout: timer.constructor };
  const inspector = new Session();
  inspector.connect();
  // Of a session within the process the answer is there when `post` returns.
  const post = (method, parameters) => {
    let answer;
    inspector.post(method, parameters, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  };
  globalThis[shared] = (objects) => count(objects, kinds);
  try {
    const { objectId: prototypeObjectId } = post('Runtime.evaluate', {
      expression: 'Object.prototype',
    }).result;
    const { objectId } = post('Runtime.queryObjects', { prototypeObjectId }).objects;
    const functionDeclaration = `function () { return ${shared}(this); }`;
    return post('Runtime.callFunctionOn', { objectId, functionDeclaration, returnByValue: true }).result
      .value;
  } finally {
    inspector.disconnect();
    delete globalThis[shared];
  }
}

function count(objects, { EventEmitter, Socket, Timeout }) {
  const counts = { listeners: 0, timers: 0, sockets: 0 };
  for (const object of objects) {
    if (object instanceof Timeout) counts.timers += 1;
    if (object instanceof Socket) counts.sockets += 1;
    if (object instanceof EventEmitter && object._eventsCount > 0) {
      for (const name of object.eventNames()) counts.listeners += object.listenerCount(name);
    }
  }
  return counts;
}
