import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speechActOf } from '../../../src/client/speech-act.ts';
import type { ChatRoomEvent } from '../../../src/client/wire.ts';
import { continues, isSameDay } from '../../../src/web/log/grouping.ts';

const at = (timestamp: number, name = 'Ada', message = 'x'): ChatRoomEvent => ({
  id: 1,
  type: 'message',
  timestamp,
  name,
  message,
});

test('a message continues the one before if the same person wrote it shortly before, on the same day', () => {
  const noon = new Date(2025, 10, 21, 12).getTime();
  const midnight = new Date(2025, 10, 22).getTime();
  assert.equal(continues(at(noon), at(noon + 60_000)), true);
  assert.equal(continues(at(noon), at(noon + 600_000)), false);
  assert.equal(continues(at(noon), at(noon, 'Bob')), false);
  assert.equal(continues(undefined, at(noon)), false);
  assert.equal(continues({ id: 1, type: 'join', timestamp: noon, name: 'Ada' }, at(noon)), false);
  assert.equal(continues(at(midnight - 1), at(midnight)), false);
  assert.equal(isSameDay(midnight, midnight + 1), true);
});

test('an action stands alone: it has its name in it', () => {
  const noon = new Date(2025, 10, 21, 12).getTime();
  assert.equal(continues(at(noon), at(noon, 'Ada', '/me waves')), false);
  assert.equal(continues(at(noon, 'Ada', '/me waves'), at(noon)), false);
  assert.deepEqual(speechActOf('/me  waves\nat all'), { isAction: true, text: 'waves\nat all' });
  for (const said of ['/me', '/me ', '/men wave', ' /me waves', '//me waves', '/ME waves', '/me\nwaves']) {
    assert.deepEqual(speechActOf(said), { isAction: false, text: said });
  }
});
