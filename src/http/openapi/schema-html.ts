/** A schema for people: what type it has, in a phrase, and what its members are. */

import { type Html, html } from '../plain/html.ts';
import { strings } from './strings.ts';
import { isSchema, type JsonSchema } from './types.ts';

/** Text of the document: between backticks stands code. */
export function prose(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** What is of this type, in a phrase. */
export function typeOf(schema: JsonSchema): Html {
  const { $ref, anyOf, enum: values, type, format, items } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (Array.isArray(anyOf))
    return joined(
      anyOf.map((each) => typeOf(each)),
      ` ${strings.or} `,
    );
  if ('const' in schema) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (Array.isArray(values)) {
    return html`${strings.oneOf} ${joined(
      values.map((each) => html`<code>${String(each)}</code>`),
      ', ',
    )}${bounds(schema)}`;
  }
  if (type === 'array') return html`${strings.listOf} ${typeOf(isSchema(items) ? items : {})}`;
  if (typeof type !== 'string') return html`${strings.anyJson}`;
  return html`${type}${typeof format === 'string' && ` (${format})`}${bounds(schema)}`;
}

function bounds({ minimum, maximum, pattern, default: usual }: JsonSchema): Html {
  const told = [
    minimum !== undefined && `${strings.atLeast} ${minimum}`,
    maximum !== undefined && `${strings.atMost} ${maximum}`,
    usual !== undefined && `${strings.byDefault} ${usual}`,
  ].filter((each) => each !== false);
  const rule = typeof pattern === 'string' && html`, <code>${pattern}</code>`;
  return html`${told.map((each) => `, ${each}`)}${rule}`;
}

/** The members of an object, those of objects in it among them. */
export function membersOf(schema: JsonSchema, before = ''): Html {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const members = Object.entries(isSchema(schema.properties) ? schema.properties : {});
  return html`${members.map(([name, member]) => {
    if (!isSchema(member)) return undefined;
    const row = rowOf(`${before}${name}`, member, required.includes(name));
    return html`${row}${membersOf(member, `${before}${name}.`)}`;
  })}`;
}

/** One line of a list of terms. @param where in what part of a request, if that is to be said */
export function rowOf(name: string, schema: JsonSchema, isRequired: boolean, where?: string): Html {
  const { description } = schema;
  const notes = [where, isRequired ? strings.required : undefined].filter((note) => note !== undefined);
  return html`<div><dt><code>${name}</code></dt><dd><span class="type">${typeOf(schema)}${notes.map(
    (note) => `, ${note}`,
  )}</span>${typeof description === 'string' && html`<br>${prose(description)}`}</dd></div>
`;
}

/** An example, as JSON or as it is. */
export function exampleOf(value: unknown): Html {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return html`<pre><code>${text.trimEnd()}</code></pre>`;
}

export function joined(parts: readonly Html[], between: string): Html {
  return html`${parts.map((part, index) => html`${index > 0 && between}${part}`)}`;
}
