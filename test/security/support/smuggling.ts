/**
 * Requests as bytes (latin1) that two readers may take for different ones: what a proxy lets through as one, a server behind it must not
 * take for two. Behind each a second request hides, or in what may be its body.
 */

/** Its address. */
export const hidden = '/livez?hidden';
/** Stands for the token of a member. */
export const bearer = 'TOKEN-OF-A-MEMBER';
const smuggled = `GET ${hidden} HTTP/1.1\r\nHost: x\r\n\r\n`;

type Bytes = readonly [name: string, bytes: string];

/** Would say something, if its body were in order. */
const messages = '/v1/rooms/lobby/session/messages';
function post(headers: string, body = ''): string {
  const own = `Host: x\r\nContent-Type: text/plain\r\nAuthorization: Bearer ${bearer}\r\n`;
  return `POST ${messages} HTTP/1.1\r\n${own}${headers}\r\n${body}`;
}

function get(headers: string, target = '/livez', version = 'HTTP/1.1'): string {
  return `GET ${target} ${version}\r\n${headers}\r\n`;
}

const chunked = 'Transfer-Encoding: chunked\r\n';
const end = '0\r\n\r\n';
const length = (value: string) => `Content-Length: ${value}\r\n`;
const ofSmuggled = length(String(smuggled.length));

/** Lengths that are none, or several. */
const lengths: readonly Bytes[] = [
  ['CL and TE', post(length('4') + chunked, end + smuggled)],
  ['TE and CL', post(chunked + length('4'), end + smuggled)],
  ['CL 0 and TE', post(length('0') + chunked, end + smuggled)],
  ['CL of all and TE', post(length(String(5 + smuggled.length)) + chunked, end + smuggled)],
  ['CL twice, the same', post(length('0') + length('0'), smuggled)],
  ['CL twice, different', post(length('0') + ofSmuggled, smuggled)],
  ['CL twice, different, the other way', post(ofSmuggled + length('0'), smuggled)],
  ['CL as a list of the same', post(length('0, 0'), smuggled)],
  ['CL as a list', post(length(`0, ${smuggled.length}`), smuggled)],
  ['CL negative', post(length('-1'), smuggled)],
  ['CL minus nought', post(length('-0'), smuggled)],
  ['CL with a plus', post(length('+0'), smuggled)],
  ['CL in hexadecimal', post(length('0x0'), smuggled)],
  ['CL with a fraction', post(length('0.0'), smuggled)],
  ['CL with an exponent', post(length('1e1'), smuggled)],
  ['CL with a letter', post(length('0a'), smuggled)],
  ['CL with a space inside', post(length('0 0'), smuggled)],
  ['CL with a vertical tab', post(length('\x0b0'), smuggled)],
  ['CL with a no-break space', post(length('\xa00'), smuggled)],
  ['CL in quotes', post(length('"0"'), smuggled)],
  ['CL empty', post(length(''), smuggled)],
  ['CL over 64 bits', post(length('18446744073709551616'), smuggled)],
  ['CL over 64 bits by all', post(length(`1${'0'.repeat(40)}`), smuggled)],
  ['CL folded', post('Content-Length:\r\n 0\r\n', smuggled)],
  ['CL with a space before the colon', post('Content-Length : 0\r\n', smuggled)],
  ['CL with a tab before the colon', post('Content-Length\t: 0\r\n', smuggled)],
  ['CL with NUL in its name', post('Content\0-Length: 0\r\n', smuggled)],
  ['CL with a line feed in its name', post('Content-\nLength: 0\r\n', smuggled)],
];

/** Codings other than `chunked` alone. */
const codings: readonly Bytes[] = [
  ...[
    'chunked, chunked',
    'chunked,chunked',
    'chunked, identity',
    'chunked, gzip',
    'identity',
    'identity, chunked, identity',
    'gzip',
    'xchunked',
    'chunkedx',
    'chunked;q=1',
    '"chunked"',
    "'chunked'",
    'chunk',
    'chun\0ked',
    'chunked\0',
    '\x0bchunked',
    '\xa0chunked',
    'chunked\xa0',
    '[chunked]',
    '',
  ].map(
    (value): Bytes => [
      `TE ${JSON.stringify(value)}`,
      post(`Transfer-Encoding: ${value}\r\n`, end + smuggled),
    ],
  ),
  ['TE chunked twice', post(chunked + chunked, end + smuggled)],
  ['TE chunked, then identity', post(`${chunked}Transfer-Encoding: identity\r\n`, end + smuggled)],
  ['TE identity, then chunked', post(`Transfer-Encoding: identity\r\n${chunked}`, end + smuggled)],
  ['TE folded', post('Transfer-Encoding:\r\n chunked\r\n', end + smuggled)],
  ['TE folded by a tab', post('Transfer-Encoding:\r\n\tchunked\r\n', end + smuggled)],
  ['TE folded behind chunked', post('Transfer-Encoding: chunked\r\n , identity\r\n', end + smuggled)],
  ['TE with a space before the colon', post('Transfer-Encoding : chunked\r\n', end + smuggled)],
  ['TE with a tab before the colon', post('Transfer-Encoding\t: chunked\r\n', end + smuggled)],
  ['TE behind a space', post(' Transfer-Encoding: chunked\r\n', end + smuggled)],
  ['TE behind a bare line feed', post('X: y\nTransfer-Encoding: chunked\r\n', end + smuggled)],
  ['TE behind a bare carriage return', post('X: y\rTransfer-Encoding: chunked\r\n', end + smuggled)],
  ['TE with tabs around', post('Transfer-Encoding:\tchunked\t\r\n', end + smuggled)],
  ['TE gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n', end + smuggled)],
  ['TE in HTTP/1.0', post(chunked, end + smuggled).replace('HTTP/1.1', 'HTTP/1.0')],
  ['TE and CL in HTTP/1.0', post(length('5') + chunked, end + smuggled).replace('HTTP/1.1', 'HTTP/1.0')],
];

/** Chunks. */
const chunks: readonly Bytes[] = [
  ['size of a letter', 'g\r\n'],
  ['size with 0x', '0x0\r\n\r\n'],
  ['size negative', '-1\r\n\r\n'],
  ['size with a plus', '+0\r\n\r\n'],
  ['size with an underscore', '0_0\r\n\r\n'],
  ['size empty', '\r\n\r\n'],
  ['size behind a space', ' 0\r\n\r\n'],
  ['size before a space', '0 \r\n\r\n'],
  ['size before a tab', '0\t\r\n\r\n'],
  ['size over 64 bits', '10000000000000000\r\n'],
  ['size over 64 bits, nought below', '100000000000000000\r\n\r\n'],
  ['size ends with a bare line feed', '0\n\r\n'],
  ['size ends with a bare carriage return', '0\r\r\n'],
  ['all ends with bare line feeds', '0\n\n'],
  ['data longer than the size', '1\r\nab\r\n0\r\n\r\n'],
  ['data ends with a bare line feed', '1\r\na\n0\r\n\r\n'],
  ['data ends with a bare carriage return', '1\r\na\r0\r\n\r\n'],
  ['data ends with other bytes', '1\r\naXX0\r\n\r\n'],
  ['extension with a bare line feed', '0;a\nb\r\n\r\n'],
  ['extension with a bare carriage return', '0;a\rb\r\n\r\n'],
  ['extension with NUL', '0;a\0b\r\n\r\n'],
  ['extension without an end to its quotes', '0;a="b\r\n\r\n'],
  ['trailer with a bare line feed', '0\r\nX: y\n\r\n'],
  ['trailer with a space before the colon', '0\r\nX : y\r\n\r\n'],
  ['trailer of a length', '0\r\nContent-Length: 5\r\n\r\n'],
  ['trailer without a colon', '0\r\nX\r\n\r\n'],
].map(([name = '', body = '']): Bytes => [`chunk: ${name}`, post(chunked, body + smuggled)]);

/** Lines and names. */
const lines: readonly Bytes[] = [
  ['all lines end with bare line feeds', `GET /livez HTTP/1.1\nHost: x\n\n${smuggled}`],
  ['the request line ends with a bare line feed', `GET /livez HTTP/1.1\nHost: x\r\n\r\n${smuggled}`],
  ['a header ends with a bare line feed', get('Host: x\nX: y\r\n') + smuggled],
  ['the head ends with a bare line feed', `GET /livez HTTP/1.1\r\nHost: x\r\n\n${smuggled}`],
  ['the request line ends with a bare carriage return', `GET /livez HTTP/1.1\rHost: x\r\n\r\n${smuggled}`],
  ['a bare carriage return in a value', get('Host: x\r\nX: a\rb\r\n') + smuggled],
  ['a bare carriage return before the end', get('Host: x\r\nX: a\r\r\n') + smuggled],
  ['a folded header', get('Host: x\r\nX: a\r\n b\r\n') + smuggled],
  ['a folded Host', get('Host:\r\n x\r\n') + smuggled],
  ['a fold before all headers', get(' X: a\r\nHost: x\r\n') + smuggled],
  ['NUL in a value', get('Host: x\r\nX: a\0b\r\n') + smuggled],
  ['NUL in a name', get('Host: x\r\nX\0: a\r\n') + smuggled],
  ['a control character in a value', get('Host: x\r\nX: a\x01b\r\n') + smuggled],
  ['DEL in a value', get('Host: x\r\nX: a\x7fb\r\n') + smuggled],
  ['a space before a colon', get('Host: x\r\nX : a\r\n') + smuggled],
  ['a space in a name', get('Host: x\r\nX Y: a\r\n') + smuggled],
  ['a header without a name', get('Host: x\r\n: a\r\n') + smuggled],
  ['a header without a colon', get('Host: x\r\nX\r\n') + smuggled],
  ['a name in Latin letters beyond ASCII', get('Host: x\r\nX\xe9: a\r\n') + smuggled],
  ['a name in parentheses', get('Host: x\r\n(X): a\r\n') + smuggled],
  ['HTTP/0.9', `GET /livez\r\n\r\n${smuggled}`],
  ['HTTP/1.2', get('Host: x\r\n', '/livez', 'HTTP/1.2') + smuggled],
  ['HTTP/2.0', get('Host: x\r\n', '/livez', 'HTTP/2.0') + smuggled],
  ['HTTP/01.1', get('Host: x\r\n', '/livez', 'HTTP/01.1') + smuggled],
  ['http in small letters', get('Host: x\r\n', '/livez', 'http/1.1') + smuggled],
  ['another protocol', get('Host: x\r\n', '/livez', 'ICAP/1.0') + smuggled],
  ['the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`],
  ['a tab for a space in the request line', `GET\t/livez\tHTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
  ['a space in the address', get('Host: x\r\n', '/livez x') + smuggled],
  ['a control character in the address', get('Host: x\r\n', '/livez\x01') + smuggled],
  ['a method in small letters', `get /livez HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
  ['a method of no one', `SMUGGLE /livez HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
  ['a method with a colon', `GET: /livez HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
  ['Host twice', get('Host: x\r\nHost: y\r\n')],
  ['Host twice, the same', get('Host: x\r\nHost: x\r\n')],
  ['Host twice in another case', get('Host: x\r\nhOST: y\r\n')],
  ['no Host', get('')],
  ['Host with a space', get('Host: x y\r\n')],
  ['Host with a list', get('Host: x, y\r\n')],
  ['Host with a path', get('Host: x/y\r\n')],
  ['Host with a user', get('Host: x@y\r\n')],
  ['Expect of something else', post(`Expect: 200-ok\r\n${ofSmuggled}`, smuggled)],
  ['a head without an end', 'GET /livez HTTP/1.1\r\nHost: x\r\nX: y'],
];

/** Each is refused, and nothing of it is done. */
export const refused: readonly Bytes[] = [...lengths, ...codings, ...chunks, ...lines];

type InOrder = readonly [name: string, bytes: string, answers: readonly number[]];

/** What is in order, and how it is answered: each is as many requests as there are answers but for 100. */
export const inOrder: readonly InOrder[] = [
  ['a body that looks like a request', post(ofSmuggled, smuggled), [201]],
  ['CL with leading noughts', post(length('00'), smuggled), [422, 200]],
  ['CL with spaces around', post(length(' 0 '), smuggled), [422, 200]],
  ['TE in capitals', post('Transfer-Encoding: CHUNKED\r\n', end + smuggled), [422, 200]],
  [
    'TE with an underscore, and CL',
    post(`Transfer_Encoding: chunked\r\n${length('5')}`, end + smuggled),
    [201, 200],
  ],
  [
    'a chunk that looks like a request',
    post(chunked, `${smuggled.length.toString(16)}\r\n${smuggled}\r\n${end}`),
    [201],
  ],
  ['chunk: many noughts', post(chunked, `000000000000000000000\r\n\r\n${smuggled}`), [422, 200]],
  ['chunk: extension', post(chunked, `0;a=b\r\n\r\n${smuggled}`), [422, 200]],
  ['chunk: extension in quotes', post(chunked, `0;a="b;c"\r\n\r\n${smuggled}`), [422, 200]],
  [
    'chunk: extension that looks like a request',
    post(chunked, `0;a="GET ${hidden} HTTP/1.1"\r\n\r\n`),
    [422],
  ],
  ['chunk: trailer', post(chunked, `0\r\nX: y\r\n\r\n${smuggled}`), [422, 200]],
  ['empty lines before', `\r\n\r\n${get('Host: x\r\n')}${smuggled}`, [200, 200]],
  ['two spaces in the request line', `GET  /livez HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`, [200, 200]],
  [
    'an absolute address with another host',
    get('Host: x\r\n', 'http://evil.example/livez') + smuggled,
    [200, 200],
  ],
  ['an empty Host', get('Host:\r\n') + smuggled, [200, 200]],
  ['Expect: 100-continue', post(`Expect: 100-continue\r\n${ofSmuggled}`, smuggled), [100, 201]],
  ['a GET with a body', get(`Host: x\r\n${ofSmuggled}`) + smuggled, [200]],
  ['a HEAD with a body', `HEAD /livez HTTP/1.1\r\nHost: x\r\n${ofSmuggled}\r\n${smuggled}`, [200]],
  [
    'a DELETE with chunks',
    `DELETE /v1/rooms/other/session HTTP/1.1\r\nHost: x\r\n${chunked}\r\n${end}${smuggled}`,
    [404, 200],
  ],
  ['a method that is not offered', `PROPFIND /livez HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`, [404, 200]],
  ['HTTP/1.0', get('', '/livez', 'HTTP/1.0'), [200]],
  [
    'one that is refused, and another',
    `POST /livez HTTP/1.1\r\nHost: x\r\n${ofSmuggled}\r\n${smuggled}${smuggled}`,
    [405, 200],
  ],
  [
    'Upgrade to HTTP/2',
    get(
      'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
    ),
    [200],
  ],
  [
    'Upgrade to WebSocket',
    get('Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'),
    [200],
  ],
  ['CONNECT', `CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n${smuggled}`, []],
];
