/**
 * Loaded into a server's process before everything else, in each of its threads. Asked for an `inventory`, it collects what is
 * garbage and says what is left: bytes, and objects of which somebody who forgets them makes more and more. What merely could
 * keep the process alive (`process.getActiveResourcesInfo`) is not enough: timers that are unref'ed are not in it.
 */
import { EventEmitter } from 'node:events';
import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
// What was finalised by the first collection goes with the second.
const settleMs = 20;
/** Of each array: a queue is cut now and then, and what is counted is many small ones, or one that begins to grow. */
const mostPlaces = 256;
/** A name by which the inspector finds a function of this file. */
const shared = 'soakProbeCount';
const threads = new BroadcastChannel('soak-probe');
threads.unref();
const node = partsOfNode();
// Node makes a map of all errors when it meets the first one.
getSystemErrorName(-1);

if (isMainThread) {
  const warnings = [];
  const told = new Map();
  let answered = () => {};
  process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
  threads.onmessage = ({ data: { thread, inventory } }) => {
    told.set(thread, inventory);
    if ([...told.values()].every((each) => each !== undefined)) answered();
  };
  process.on('message', async (asked) => {
    if (asked !== 'inventory') return;
    for (const thread of told.keys()) told.set(thread, undefined);
    const others = told.size === 0 ? undefined : new Promise((resolve) => (answered = resolve));
    threads.postMessage('inventory');
    const own = await inventory();
    await others;
    process.send({ own, others: [...told.values()], warnings });
  });
  // Whoever soaks it may be killed.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
} else {
  const answer = async () => threads.postMessage({ thread: threadId, inventory: await inventory() });
  threads.onmessage = answer;
  // Whoever asks has to know how many there are.
  answer();
}

async function inventory() {
  collect();
  await delay(settleMs);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { heapBytes: heapUsed, externalBytes: external, ...countObjects() };
}

/** Of all objects in one go: the inspector walks through the whole heap for each question. */
function countObjects() {
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
  globalThis[shared] = count;
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

function count(objects) {
  const counts = { objects: objects.length, listeners: 0, timers: 0, sockets: 0, entries: 0, places: 0 };
  const kinds = new Map();
  for (const object of objects) {
    if (object instanceof node.Timeout) counts.timers += 1;
    if (object instanceof Socket) counts.sockets += 1;
    if (object instanceof EventEmitter) counts.listeners += listenersOf(object);
    if (object instanceof EventTarget) {
      for (const { size } of object[node.listeners]?.values() ?? []) counts.listeners += size;
    }
    if (object instanceof Map || object instanceof Set) counts.entries += sizeOf(object);
    if (Array.isArray(object)) counts.places += Math.min(object.length, mostPlaces);
    const name = kindOf(object);
    kinds.set(name, (kinds.get(name) ?? 0) + 1);
  }
  return { ...counts, kinds: Object.fromEntries(kinds) };
}

function listenersOf(emitter) {
  if (!(emitter._eventsCount > 0)) return 0;
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

/** Of what is a collection indeed: a prototype is none, and a class may tell another size. */
function sizeOf(collection) {
  const getter = collection instanceof Map ? node.mapSize : node.setSize;
  try {
    return getter.call(collection);
  } catch {
    return 0;
  }
}

function kindOf(object) {
  const { value } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), 'constructor') ?? {};
  return typeof value === 'function' ? value.name : '';
}

/** What Node has no public name for. */
function partsOfNode() {
  const timer = setTimeout(() => {});
  clearTimeout(timer);
  const listeners = Object.getOwnPropertySymbols(new EventTarget()).find(
    ({ description }) => description === 'kEvents',
  );
  const sizeGetter = ({ prototype }) => Object.getOwnPropertyDescriptor(prototype, 'size').get;
  return { Timeout: timer.constructor, listeners, mapSize: sizeGetter(Map), setSize: sizeGetter(Set) };
}
