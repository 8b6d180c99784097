import assert from 'node:assert/strict';
import { test } from 'node:test';
import { betweenMarkers } from '../../scripts/between-markers.ts';

test('what is generated is replaced between its markers and nowhere else', () => {
  const markdown = 'before\n\n<!-- table -->\nold\n<!-- /table -->\n\nafter | x |\n';
  const once = betweenMarkers(markdown, 'table', '| new |');
  assert.equal(once, 'before\n\n<!-- table -->\n\n| new |\n\n<!-- /table -->\n\nafter | x |\n');
  assert.equal(betweenMarkers(once, 'table', '| new |'), once);
});

test('a page without its markers, or with them the wrong way round, is refused', () => {
  const expected = /Expected <!-- table --> … <!-- \/table -->\./;
  assert.throws(() => betweenMarkers('none', 'table', ''), expected);
  assert.throws(() => betweenMarkers('<!-- /table -->\n<!-- table -->', 'table', ''), expected);
  assert.throws(() => betweenMarkers('<!-- other -->\n<!-- /other -->', 'table', ''), expected);
});
