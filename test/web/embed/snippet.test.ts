import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { permissionFor, snippetOf, type Wish } from '../../../src/web/embed/snippet.ts';

const wish: Wish = { kind: 'room', room: 'lobby', theme: 'auto', accent: '', height: '', last: '20' };

describe('a snippet', () => {
  it('is as short as can be', () => {
    assert.equal(
      snippetOf('https://chat.example', wish),
      '<script type="module" src="https://chat.example/embed.js"></script>\n<parlor-room room="lobby"></parlor-room>',
    );
  });

  it('has what was wished, and nothing can get out of its quotes', () => {
    const full: Wish = {
      kind: 'feed',
      room: '"><b',
      theme: 'dark',
      accent: '#0b5fff',
      height: '480',
      last: '5',
    };
    assert.equal(
      snippetOf('https://chat.example', full).split('\n')[1],
      '<parlor-feed room="&quot;>&lt;b" last="5" theme="dark" accent="#0b5fff" height="480"></parlor-feed>',
    );
  });

  it('comes with the line that the server needs for a page, and whether it has it', () => {
    const option = 'EMBED_ORIGINS';
    assert.deepEqual(permissionFor(option, '', 'https://Shop.example/a/page?b#c'), {
      line: 'EMBED_ORIGINS=https://shop.example',
      isThere: false,
    });
    assert.deepEqual(permissionFor(option, 'https://a.example', 'shop.example'), {
      line: 'EMBED_ORIGINS=https://a.example,https://shop.example',
      isThere: false,
    });
    assert.deepEqual(permissionFor(option, 'https://shop.example', 'https://shop.example:443'), {
      line: 'EMBED_ORIGINS=https://shop.example',
      isThere: true,
    });
    assert.equal(permissionFor(option, '*', 'http://localhost:8080')?.isThere, true);
    for (const none of ['', '  ', 'ftp://a.b:x', 'https://'])
      assert.equal(permissionFor(option, '', none), undefined, none);
  });
});
