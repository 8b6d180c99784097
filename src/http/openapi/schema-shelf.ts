/** Takes schemas apart: what has a `title` stands once in the document, and is referred to from everywhere else. */

import { isSchema, type JsonSchema, type Reference } from './types.ts';

export class SchemaShelf {
  readonly #schemas = new Map<string, { readonly schema: JsonSchema; readonly text: string }>();

  /** All that were met, by their titles. */
  get schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#schemas].map(([title, { schema }]) => [title, schema]));
  }

  /**
   * The schema as the document has it: a reference if it has a title.
   * @throws Error if another schema has this title
   */
  put(schema: JsonSchema): JsonSchema {
    const { title } = schema;
    if (typeof title !== 'string') return this.#inner(schema);
    const text = JSON.stringify(schema);
    const known = this.#schemas.get(title);
    if (known && known.text !== text) throw new Error(`Two schemas have the title ${title}.`);
    if (!known) {
      // Its place first, so that what it is made of comes after it.
      this.#schemas.set(title, { schema, text });
      this.#schemas.set(title, { schema: this.#inner(schema), text });
    }
    return referenceTo('schemas', title);
  }

  #inner(schema: JsonSchema): JsonSchema {
    const entries = Object.entries(schema)
      // Of TypeBox and ajv; the document has it by its place.
      .filter(([key]) => key !== '$id' && key !== 'title')
      .map(([key, value]) => [key, isData(key) ? value : this.#value(value)]);
    return Object.fromEntries(entries);
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#value(each));
    if (!isSchema(value)) return value;
    // The members of an object may have any name, `title` too.
    const areMembers = Object.values(value).every(isSchema);
    return areMembers ? mapValues(value, (each) => this.#value(each)) : this.put(value);
  }
}

/** What stands under these keys is no schema. */
function isData(key: string): boolean {
  return key === 'examples' || key === 'enum' || key === 'const' || key === 'default' || key === 'required';
}

function mapValues(value: JsonSchema, map: (each: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, map(each)]));
}

/** Points to what stands in the document once. */
export function referenceTo(
  kind: 'schemas' | 'responses' | 'examples' | 'headers',
  name: string,
): Reference & JsonSchema {
  return { $ref: `#/components/${kind}/${name}` };
}
