/** What is read of a JSON Schema. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** A JSON Schema in a few words, as TypeScript would say it: `string | null`, `{ name?: string; … }`. */
export function schemaText(schema: object, indent = ''): string {
  const { type, enum: words, const: word, anyOf, oneOf, items } = schema as Schema;
  const either = anyOf ?? oneOf;
  if (word !== undefined) return JSON.stringify(word);
  if (words) return words.map((each) => JSON.stringify(each)).join(' | ');
  if (either) return [...new Set(either.map((each) => schemaText(each, indent)))].join(' | ');
  if (Array.isArray(type))
    return type.map((each: string) => schemaText({ ...schema, type: each }, indent)).join(' | ');
  if (type === 'array') {
    const text = schemaText(items ?? {}, indent);
    return text.includes(' | ') && !text.startsWith('{') ? `(${text})[]` : `${text}[]`;
  }
  if (type === 'object') return objectText(schema, indent);
  return typeof type === 'string' ? type : 'any';
}

function objectText(
  { properties = {}, required = [], additionalProperties }: Schema,
  indent: string,
): string {
  const deeper = `${indent}  `;
  const members = Object.entries(properties).map(([name, member]) => {
    const mark = required.includes(name) ? '' : '?';
    const remark = member.description === undefined ? '' : ` // ${member.description}`;
    const [first = '', ...rest] = schemaText(member, deeper).split('\n');
    return [`${deeper}${name}${mark}: ${first}${remark}`, ...rest].join('\n');
  });
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0) {
    const others = `{ [name]: ${schemaText(additionalProperties, indent)} }`;
    if (members.length === 0) return others;
  }
  return members.length === 0 ? 'object' : `{\n${members.join('\n')}\n${indent}}`;
}
