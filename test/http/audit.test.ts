import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAdminServer } from '../support/admin.ts';
import { assertProblem } from '../support/problem.ts';
import { StatusStore } from '../support/status-store.ts';

test('bans and closed rooms that the store may have kept are audited too, as uncertain', async (t) => {
  const store = new StatusStore();
  const { ask, deeds } = await startAdminServer(t, {}, { store });
  store.fail('putRestriction', 'after');
  const mallory = { kind: 'name', value: 'Mallory', reason: ' No adverts. ' };
  assertProblem(await ask('POST', '/bans', mallory), 503, 'unavailable');
  assertProblem(await ask('PUT', '/rooms/lobby/closure', { reason: 'Cleaning.' }), 503, 'unavailable');
  store.heal();
  const [ban] = (await ask('GET', '/bans')).body.bans;
  store.fail('removeRestriction', 'after');
  assertProblem(await ask('DELETE', `/bans/${ban.id}`), 503, 'unavailable');
  assertProblem(await ask('DELETE', '/rooms/lobby/closure'), 503, 'unavailable');
  store.heal();
  const whom = { kind: 'name', value: '"Mallory"', reason: '"No adverts."' };
  const uncertain = { address: '127.0.0.1', isUncertain: true };
  assert.deepEqual(deeds, [
    { act: 'banned', ...whom, ...uncertain },
    { act: 'room closed', room: 'lobby', reason: '"Cleaning."', ...uncertain },
    { act: 'ban lifted', banId: ban.id, ...whom, ...uncertain },
    { act: 'room reopened', room: 'lobby', ...uncertain },
  ]);
});

test('what is refused for certain, or was so already, leaves no line', async (t) => {
  const { ask, deeds } = await startAdminServer(t);
  assertProblem(await ask('POST', '/bans', { kind: 'address', value: 'nowhere' }), 400, 'invalid-request');
  assertProblem(await ask('PUT', '/rooms/lobby/closure', { reason: 'a\nb' }), 422, 'invalid-message');
  assertProblem(await ask('DELETE', '/bans/nobody'), 404, 'not-found');
  assert.equal((await ask('DELETE', '/rooms/lobby/closure')).status, 204);
  assert.deepEqual(deeds, []);
});
