import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from '../../../src/http/plain/html.ts';

test('what is put in is escaped, in text and in attributes [P-5]', () => {
  const nasty = `<b>&"'</b>`;
  const shown = '&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;';
  assert.equal(html`<p title="${nasty}">${nasty}</p>`.text, `<p title="${shown}">${shown}</p>`);
  assert.equal(html`${[nasty, nasty]}`.text, shown + shown);
});

test('what looks like HTML from elsewhere is not taken for it', () => {
  const forged: object = { text: '<script>' };
  // @ts-expect-error: not a part of a template
  assert.throws(() => html`${forged}`);
});

test('its own HTML goes in as it is, nothing is shown of undefined and false', () => {
  const inner = html`<i>${'<'}</i>`;
  assert.equal(html`${inner}${[inner, undefined]}${false}${0}`.text, '<i>&lt;</i><i>&lt;</i>0');
});

test('a control character is shown, and reaches no terminal [P-5]', () => {
  assert.equal(html`${'a\x1b[31m\x9b\r\x7f\0'}`.text, 'a\\u{1b}[31m\\u{9b}\\u{d}\\u{7f}\\u{0}');
  assert.equal(html`${'a\tb\nc'}`.text, 'a\tb\nc');
});
