import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from '../../client/support/fake-api.ts';
import { FakeRoom } from './support/fake-room.ts';
import { answerMs, crash, heartbeatMs, kinds, openTabs, type Tab } from './support/tabs.ts';

const askedOf = (tabs: readonly Tab[], what: RegExp) =>
  tabs.flatMap(({ api }) => api.asked).filter((asked) => what.test(asked));
const toldTo = (tabs: readonly Tab[]) => tabs.map(({ told }) => told);
const statesOf = (tabs: readonly Tab[]) => tabs.map(({ client }) => client.state);
const all = <T>(tabs: readonly Tab[], value: T) => tabs.map(() => value);
/** One that has no lock frees it only by being missed. */
const missedMs = heartbeatMs * 2.5 + answerMs;

for (const kind of kinds) {
  test(`${kind}: ten tabs share one stream, and each is told everything once and in order`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 10);
    assert.deepEqual(statesOf(tabs), all(tabs, 'live'));
    for (let i = 0; i < 20; i++) room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.equal(askedOf(tabs, /subscribe/).length, 1);
    assert.equal(askedOf(tabs, /getUpdates/).length, 0, 'who stands where the leader stands asks nothing');
  });

  test(`${kind}: when the leader's tab is closed another goes on where the log was left`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 4);
    room.say();
    await browser.pass();
    const [leader, ...others] = tabs;
    for (let i = 0; i < 3; i++) room.say();
    leader?.client.close();
    for (let i = 0; i < 3; i++) room.say();
    await browser.pass();
    assert.deepEqual(toldTo(others), all(others, room.texts));
    assert.equal(room.openStreams, 1);
    assert.deepEqual(
      others.map(({ states }) => states.join(' ')),
      all(others, 'connecting live'),
      'nobody notices',
    );
  });

  test(`${kind}: when the leader's tab crashes another goes on where the log was left`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 4);
    room.say();
    await browser.pass();
    const [leader, ...others] = tabs;
    if (leader) crash(leader);
    for (let i = 0; i < 3; i++) room.say();
    await browser.pass(kind === 'locks' ? 0 : missedMs);
    assert.deepEqual(toldTo(others), all(others, room.texts));
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: a leader that does not answer who looks is replaced, and listens when it wakes`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    const [leader, looked] = tabs;
    leader?.tab.freeze();
    room.say();
    looked?.client.nudge();
    await browser.pass(answerMs);
    room.say();
    await browser.pass();
    assert.deepEqual(looked?.told, room.texts);
    assert.deepEqual(looked?.states, ['connecting', 'live']);
    leader?.tab.thaw();
    await browser.pass(answerMs);
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: tabs that nobody looks at miss a frozen leader too`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 4);
    const [leader, ...others] = tabs;
    leader?.tab.freeze();
    room.say();
    await browser.pass(missedMs);
    assert.deepEqual(toldTo(others), all(others, room.texts));
    assert.ok(askedOf(others, /subscribe/).length < 3, 'they do not take it from each other');
    leader?.tab.thaw();
    await browser.pass(missedMs);
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: a leader that is quiet, and answers, keeps its turn`, async () => {
    const { browser, tabs } = await openTabs(kind, 4);
    const before = tabs.map(({ details }) => details.length);
    await browser.pass(20 * heartbeatMs);
    assert.deepEqual(
      tabs.map(({ details }) => details.length),
      before,
      'what is known is not told again',
    );
    assert.equal(askedOf(tabs, /subscribe/).length, 1);
    assert.deepEqual(statesOf(tabs), all(tabs, 'live'));
  });

  test(`${kind}: a page kept for the way back lets go, and comes back to what it missed`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    const [kept, ...others] = tabs;
    kept?.tab.page.dispatchEvent(new Event('pagehide'));
    await browser.pass();
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(others), all(others, room.texts));
    assert.deepEqual(kept?.told, []);
    kept?.client.nudge();
    await browser.pass(answerMs);
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: one tab creates an expired session anew, the others go on in that`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 10);
    room.say();
    await browser.pass();
    room.end({ reason: 'expired', action: 'create' });
    await browser.pass(answerMs);
    room.say();
    await browser.pass();
    assert.equal(room.created, 1);
    assert.equal(askedOf(tabs, /create/).length, 10);
    assert.deepEqual(
      tabs.map(({ client }) => client.session?.sessionId),
      all(tabs, 's2'),
    );
    assert.deepEqual(statesOf(tabs), all(tabs, 'live'));
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: if the tab that creates a session anew is closed, or crashes, another does`, async () => {
    for (const end of ['close', 'crash'] as const) {
      const { room, browser, tabs } = await openTabs(kind, 3);
      const [leader, ...others] = tabs;
      if (leader) leader.api.createAnswer = () => new Promise(() => {});
      room.end({ reason: 'expired', action: 'create' });
      await browser.pass(heartbeatMs);
      assert.equal(room.created, 0);
      assert.deepEqual(statesOf(others), all(others, 'connecting'));
      if (end === 'close') leader?.client.close();
      else if (leader) crash(leader);
      await browser.pass(missedMs);
      assert.equal(room.created, 1, end);
      room.say();
      await browser.pass();
      assert.deepEqual(toldTo(others), all(others, room.texts));
      assert.equal(room.openStreams, 1);
    }
  });

  test(`${kind}: who is not let in again stands in nobody's way`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.end({ reason: 'expired', action: 'create' });
    for (const { api } of tabs) api.createAnswer = async () => refused(403, 'forbidden');
    await browser.pass(answerMs);
    assert.deepEqual(statesOf(tabs), all(tabs, 'ended'));
  });

  test(`${kind}: leaving in one tab, leading or not, ends the others`, async () => {
    for (const who of [0, 1]) {
      const { room, browser, tabs } = await openTabs(kind, 3);
      await Promise.all([tabs[who]?.client.leave(), room.end({ reason: 'destroyed', action: 'stop' })]);
      await browser.pass(answerMs);
      assert.deepEqual(statesOf(tabs), all(tabs, 'ended'));
      assert.equal(askedOf(tabs, /create/).length, 0);
    }
  });

  test(`${kind}: all follow a session given up for one under another name, whose cookie comes late`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.end({ reason: 'destroyed', action: 'stop' });
    await browser.pass(100);
    for (const { client } of tabs) client.nudge();
    await browser.pass(100);
    room.begin('s9', 'Grace');
    await browser.pass(answerMs);
    assert.deepEqual(
      tabs.map(({ client }) => client.name),
      all(tabs, 'Grace'),
    );
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: a tab that could not leave goes on`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    const [leader] = tabs;
    if (leader) leader.api.destroyAnswer = refused(503, 'unavailable');
    await assert.rejects(leader?.client.leave() ?? Promise.resolve());
    await browser.pass(answerMs);
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
  });

  test(`${kind}: how it stands with the connection is told to all, and a try asked for in one is made`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.cut();
    await browser.pass(30_000);
    assert.deepEqual(statesOf(tabs), all(tabs, 'offline'));
    const [{ retryAt } = {}] = tabs[0]?.details.slice(-1) ?? [];
    assert.ok(retryAt);
    assert.deepEqual(
      tabs.map(({ details }) => details.at(-1)?.retryAt),
      all(tabs, retryAt),
    );
    room.isReachable = true;
    room.say();
    tabs[2]?.client.nudge();
    await browser.pass();
    assert.deepEqual(statesOf(tabs), all(tabs, 'live'));
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
  });

  test(`${kind}: where the leader polls, all do`, async () => {
    const room = new FakeRoom();
    room.isPolled = true;
    const { browser } = await openTabs(kind, 0);
    const tabs = [await browser.open(room), await browser.open(room), await browser.open(room)];
    for (let i = 0; i < 5; i++) {
      room.say();
      await browser.pass();
    }
    assert.deepEqual(statesOf(tabs), all(tabs, 'polling'));
    assert.deepEqual(
      tabs.map(({ details }) => details.at(-1)),
      all(tabs, { why: 'mute' }),
    );
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
  });

  test(`${kind}: what the store does is told to all, and to who comes later`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 2);
    room.tell('event: status\ndata: {"store":"away"}\n\n');
    await browser.pass();
    tabs.push(await browser.open(room));
    assert.deepEqual(
      tabs.map(({ stores }) => stores.at(-1)),
      all(tabs, true),
    );
  });

  test(`${kind}: a word that is lost on the way is missed at the next one, and read in the log`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.say();
    await browser.pass();
    browser.browser.loseNext();
    room.say();
    await browser.pass();
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    browser.browser.loseNext();
    room.say();
    await browser.pass();
    tabs[1]?.client.nudge();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.deepEqual(
      tabs.map(({ healed }) => healed),
      all(tabs, []),
      'that is no fault of the server',
    );
  });

  test(`${kind}: a hole in the stream is healed by the leader, for all`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.say();
    await browser.pass();
    room.mutter();
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.deepEqual(
      tabs.map(({ healed }) => healed),
      [[1], [], []],
    );
  });

  test(`${kind}: a gap is told to all, once`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.say();
    await browser.pass();
    room.restart();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, ['text 1', 'gap null']));
    room.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, ['text 1', 'gap null', 'text 1']));
    assert.equal(askedOf(tabs, /getUpdates/).length, 0);
  });

  test(`${kind}: tabs that come all at once share one stream`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 0);
    for (let i = 0; i < 5; i++) tabs.push(browser.begin(room));
    await browser.pass(3 * answerMs);
    assert.deepEqual(statesOf(tabs), all(tabs, 'live'));
    assert.equal(room.openStreams, 1);
  });

  test(`${kind}: a stream that was superseded ends for all, and one tab takes it up again`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 3);
    room.tell('event: bye\ndata: {"reason":"superseded","action":"stop"}\n\n');
    await browser.pass();
    assert.deepEqual(statesOf(tabs), all(tabs, 'ended'));
    room.say();
    void tabs[1]?.client.resume();
    await browser.pass(answerMs);
    assert.deepEqual(statesOf(tabs), ['ended', 'live', 'ended']);
    assert.deepEqual(tabs[1]?.told, room.texts);
  });

  test(`${kind}: that the network is back is heard by all tabs, and tried once`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 10);
    room.cut();
    await browser.pass(60_000);
    for (const { api } of tabs) api.takeAsked();
    for (const { client } of tabs) client.nudge();
    await browser.pass();
    assert.equal(askedOf(tabs, /subscribe/).length, 1);
  });

  test(`${kind}: a tab that slept while another one brought a session goes on in that`, async () => {
    for (const name of ['Ada', 'Grace']) {
      const { room, browser, tabs } = await openTabs(kind, 2);
      const [asleep] = tabs;
      asleep?.tab.page.dispatchEvent(new Event('pagehide'));
      room.end({ reason: 'expired', action: 'create' });
      await browser.pass(answerMs);
      assert.equal(room.sessionId, 's2');
      room.name = name;
      asleep?.client.nudge();
      // Another name is asked for after a second in which its cookie may come.
      await browser.pass(answerMs + 1000);
      assert.deepEqual([asleep?.client.session?.sessionId, asleep?.client.name], ['s2', name]);
      assert.equal(room.created, 1);
      room.say();
      await browser.pass();
      assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
      assert.equal(room.openStreams, 1);
    }
  });

  test(`${kind}: rooms, and sessions of one room, have nothing to do with each other`, async () => {
    const { room, browser, tabs } = await openTabs(kind, 2);
    const other = new FakeRoom();
    other.sessionId = 'another';
    const guests = [await browser.open(other), await browser.open(other)];
    room.say();
    other.say();
    other.say();
    await browser.pass();
    assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
    assert.deepEqual(toldTo(guests), all(guests, other.texts));
  });
}

test('where locks are forbidden each tab has a connection of its own', async () => {
  const { room, browser } = await openTabs('locks', 0);
  browser.browser.request = () => Promise.reject(new Error('forbidden'));
  const tabs = [await browser.open(room), await browser.open(room)];
  room.say();
  await browser.pass();
  assert.deepEqual(toldTo(tabs), all(tabs, room.texts));
});
