import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLogin } from '../../../src/web/embed/host-login.ts';
import { FakeSchedule, settle } from '../../client/support/fake-schedule.ts';

function setUp() {
  const asked: string[] = [];
  const schedule = new FakeSchedule();
  return { login: new HostLogin(schedule, (reason) => asked.push(reason)), asked, schedule };
}

test('a token is wanted once, until one comes', async () => {
  const { login, asked } = setUp();
  login.want('first');
  login.want('first');
  assert.deepEqual([asked, login.isGiven], [['first'], false]);
  login.take('a');
  assert.deepEqual([login.isGiven, login.isFresh, login.isUntried], [true, true, true]);
  await login.newest(false);
  login.accepted();
  assert.deepEqual([login.isGiven, login.isFresh, login.isUntried], [true, false, false]);
});

test('when the stay by a token has ended, the page has a moment to give the next one', async () => {
  const { login, asked, schedule } = setUp();
  login.take('a');
  assert.equal(await login.newest(false), 'a');
  login.accepted();
  const next = login.newest(true);
  await settle();
  assert.deepEqual(asked, ['expired']);
  login.take('b');
  assert.equal(await next, 'b');

  login.accepted();
  const late = login.newest(true);
  await settle();
  await schedule.advance(3000);
  assert.equal(await late, 'b', 'it may still do');
  assert.deepEqual(asked, ['expired', 'expired']);
});

test('a token that nobody has judged yet is not asked for again, however often it is tried', async () => {
  const { login, asked } = setUp();
  login.take('a');
  for (let time = 0; time < 3; time++) assert.equal(await login.newest(true), 'a');
  assert.deepEqual(asked, []);
});

test('a token that was refused is forgotten, and told to be', async () => {
  const { login, asked } = setUp();
  login.take('a');
  await login.newest(false);
  login.refused();
  login.refused();
  assert.deepEqual([await login.newest(false), asked], [undefined, ['refused']]);
});

for (const answer of ['accepted', 'refused'] as const) {
  test(`a token that comes while one before it is ${answer} is given all the same`, async () => {
    const { login, asked } = setUp();
    login.take('a');
    await login.newest(false);
    login.take('b');
    login[answer]();
    assert.deepEqual([login.isFresh, login.isUntried, asked], [true, true, []]);
    assert.equal(await login.newest(false), 'b');
    login[answer]();
    assert.deepEqual([login.isFresh, login.isGiven], [false, answer === 'accepted']);
  });
}

test('a session from before a reload is no answer about a token that is given after it', async () => {
  const { login } = setUp();
  login.take('a');
  login.accepted();
  assert.deepEqual([login.isFresh, login.isUntried], [true, true]);
});
