import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placed } from '../../../src/web/log/place.ts';
import { Redactions } from '../../../src/web/log/redactions.ts';
import { announced, came, redacted, said } from '../../client/support/fake-api.ts';

const text = (message: string) => ({ message });
const gone = { message: '', redacted: true };

test('LOG-4: what is redacted has no text, whether it comes together with that or before or after', () => {
  const redactions = new Redactions();
  const shown = (...events: Parameters<typeof placed>[0]) =>
    redactions
      .applied(placed(events, 'e-9'))
      .map(({ event }) =>
        'message' in event
          ? { message: event.message, ...('redacted' in event && { redacted: event.redacted }) }
          : event.type,
      );
  assert.deepEqual(shown(said(10, 'Bob', 'ten'), came(11, 'Cy')), [text('ten'), 'join']);
  assert.deepEqual(shown(said(12, 'Bob', 'twelve'), redacted(13, 12), announced(14, 'fourteen')), [
    gone,
    'redaction',
    text('fourteen'),
  ]);
  assert.deepEqual(shown(redacted(15, 3)), ['redaction']);
  assert.deepEqual(
    shown(announced(3, 'three'), said(4, 'Bob', 'four')),
    [gone, text('four')],
    'a page of the log that was read before',
  );
});

test('LOG-2: a redaction has a meaning in its own epoch only', () => {
  const redactions = new Redactions();
  redactions.applied(placed([redacted(5, 3)], 'e-5'));
  const [other] = redactions.applied(placed([said(3, 'Bob', 'three')], 'f-3'));
  assert.deepEqual(other?.event, said(3, 'Bob', 'three'));
});
