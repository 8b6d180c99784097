/** The document for people: one page without scripts, made of nothing but the document. */

import { type Html, html } from '../plain/html.ts';
import { documentOf as pageOf } from '../plain/layout.ts';
import { exampleOf, joined, membersOf, prose, rowOf, typeOf } from './schema-html.ts';
import { strings } from './strings.ts';
import {
  type Answer,
  isSchema,
  type JsonSchema,
  type OpenApiDocument,
  type OpenApiOperation,
  type Reference,
} from './types.ts';

interface Placed {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

/** @param stylesheet where that of the page is */
export function docsPage(document: OpenApiDocument, stylesheet: string): string {
  const placed = placedOf(document);
  const { info, tags, components } = document;
  const parts = tags.map((tag) => ({
    ...tag,
    operations: placed.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const body = html`<a class="skip" href="#content">${strings.skip}</a>
<header>
<h1>${strings.heading} <small>${info.version}</small></h1>
<p>${strings.forPrograms} <a href="/openapi.json">/openapi.json</a></p>
</header>
<nav aria-label="${strings.contents}">
${parts.map(
  ({ name, operations }) => html`<p><a href="#${name}">${name}</a></p>
<ul>
${operations.map(({ operation: { operationId } }) => html`<li><a href="#${operationId}">${operationId}</a></li>\n`)}</ul>
`,
)}<ul class="rest">
${endSections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ul>
</nav>
<main id="content">
${paragraphs(info.description)}
<p>${strings.server} ${joined(
    document.servers.map(({ url }) =>
      url === '/' ? html`${strings.thisServer}` : html`<code>${url}</code>`,
    ),
    `, ${strings.or} `,
  )}.</p>
${parts.map(
  ({ name, description, operations }) => html`<section aria-labelledby="${name}">
<h2 id="${name}">${name}</h2>
<p>${prose(description)}</p>
${operations.map((each) => operationHtml(each, document))}</section>
`,
)}${eventsHtml(components.schemas)}
<h2 id="schemas">${strings.schemas}</h2>
${Object.entries(components.schemas).map(([name, schema]) => schemaHtml(name, schema))}
${errorsHtml(document)}
<h2 id="credentials">${strings.credentials}</h2>
<dl>
${Object.entries(components.securitySchemes).map(
  ([name, { description = '' }]) =>
    html`<div><dt id="scheme-${name}"><code>${name}</code></dt><dd>${prose(String(description))}</dd></div>\n`,
)}</dl>
</main>`;
  return pageOf({ title: strings.title, look: 'docs', stylesheet, body });
}

const endSections = [
  ['events', strings.events],
  ['schemas', strings.schemas],
  ['errors', strings.errors],
  ['credentials', strings.credentials],
] as const;

function placedOf({ paths }: OpenApiDocument): Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

function operationHtml({ path, method, operation }: Placed, document: OpenApiDocument): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).filter(([, answer]) => !('$ref' in answer));
  const json = requestBody?.content['application/json']?.schema;
  return html`<article aria-labelledby="${operationId}">
<h3 id="${operationId}">${operationId}</h3>
<p class="line"><b>${method.toUpperCase()}</b> <code>${path}</code></p>
<p>${prose(summary)}.</p>
${description !== undefined && paragraphs(description)}<p>${strings.whoMayAsk} ${whoMayAsk(operation)}.</p>
${
  parameters.length > 0 &&
  html`<h4>${strings.parameters}</h4>
<dl>
${parameters.map(({ name, in: place, required = false, schema, description: about = '' }) =>
  rowOf(name, { ...schema, description: about }, required, strings[place]),
)}</dl>
`
}${
  requestBody &&
  json &&
  html`<h4>${requestBody.required ? strings.body : strings.optionalBody}</h4>
<p>${typeOf(json)} <span class="type">(${Object.keys(requestBody.content).join(', ')})</span></p>
${firstExample(json, document)}`
}<h4>${strings.answers}</h4>
<dl>
${answers.map(([status, answer]) => answerRow(status, answer, document))}</dl>
<h4>${strings.refusals}</h4>
<p class="codes">${joined(
    Object.entries(responses).flatMap(([status, answer]) =>
      codesOf(answer).map((code) => html`${status} <a href="#error-${code}">${code}</a>`),
    ),
    ', ',
  )}</p>
</article>
`;
}

function whoMayAsk({ security }: OpenApiOperation): Html {
  const ways = security.map((way) => {
    const [scheme] = Object.keys(way);
    return scheme === undefined ? html`${strings.anybody}` : html`<a href="#scheme-${scheme}">${scheme}</a>`;
  });
  return joined(ways, ` ${strings.or} `);
}

function answerRow(status: string, answer: Answer | Reference, document: OpenApiDocument): Html {
  if ('$ref' in answer) return html``;
  const content = Object.entries(answer.content ?? {});
  const shapes = content.map(
    ([type, { schema }]) =>
      html`${typeOf(schema)} <span class="type">(${type})</span>${firstExample(schema, document)}`,
  );
  return html`<div><dt><code>${status}</code></dt><dd>${prose(answer.description)}: ${
    shapes.length > 0 ? shapes : strings.noBody
  }</dd></div>
`;
}

function firstExample(schema: JsonSchema, { components }: OpenApiDocument): Html {
  const found = components.schemas[nameOf(schema)] ?? schema;
  return Array.isArray(found.examples) ? exampleOf(found.examples[0]) : html``;
}

/** The codes of a refusal stand in its name. */
function codesOf(answer: Answer | Reference): string[] {
  return '$ref' in answer ? nameOf({ ...answer }).split('.') : [];
}

function nameOf({ $ref }: JsonSchema): string {
  return typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? '') : '';
}

function eventsHtml({ StreamEvent }: OpenApiDocument['components']['schemas']): Html {
  const events: unknown = StreamEvent?.anyOf;
  return html`<h2 id="events">${strings.events}</h2>
<p>${prose(strings.eventsAbout)}</p>
<dl>
${(Array.isArray(events) ? events : []).map(({ properties, description }) => {
  const { event, id, data } = properties;
  return html`<div><dt><code>${event.const}</code></dt><dd><span class="type">${typeOf(
    data.contentSchema,
  )}, ${prose(id ? strings.withId : strings.withoutId)}</span><br>${prose(description)}</dd></div>
`;
})}</dl>`;
}

function schemaHtml(name: string, schema: JsonSchema): Html {
  const { description, examples } = schema;
  const members = membersOf(schema);
  const isObject = isSchema(schema.properties);
  return html`<article aria-labelledby="schema-${name}">
<h3 id="schema-${name}">${name}</h3>
${typeof description === 'string' && html`<p>${prose(description)}.</p>\n`}${
  isObject ? html`<dl>\n${members}</dl>\n` : html`<p class="type">${typeOf(schema)}</p>\n`
}${Array.isArray(examples) && examples.map(exampleOf)}
</article>
`;
}

function errorsHtml({ components }: OpenApiDocument): Html {
  return html`<h2 id="errors">${strings.errors}</h2>
<p>${prose(strings.errorsAbout)}</p>
<dl>
${Object.entries(components.examples).map(
  ([code, { summary = '', value }]) =>
    html`<div><dt id="error-${code}"><code>${code}</code></dt><dd>${
      isSchema(value) ? String(value.status) : ''
    }: ${summary}${exampleOf(value)}</dd></div>\n`,
)}</dl>`;
}

function paragraphs(text: string): Html {
  return html`${text.split('\n\n').map((each) => html`<p>${prose(each)}</p>\n`)}`;
}
