import fc from 'fast-check';
import { SERVED_RUN } from './served-reports.ts';

/** A schema, as far as requests are made of it. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What can be asked, as an OpenAPI document says it. */
export interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'query' | 'path';
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

/** A request, and of what it is one. */
export interface ApiRequest {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly url: string;
  /** Of the query; of a name that stands in it twice, all values. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

/** What one would send to break out of a text. */
export const INJECTIONS = [
  ...[
    "' OR '1'='1",
    "'; DROP TABLE events; --",
    '" OR ""="',
    '1; SELECT 1',
    "x' UNION SELECT * FROM keys --",
  ],
  ...[
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '/etc/passwd',
    'daybook.db',
    'file:daybook.db?mode=rwc',
  ],
  ...[
    'a\r\nSet-Cookie: x=1',
    'a\nb',
    'a\0b',
    '%00',
    '$(id)',
    '{{7*7}}',
    '<script>alert(1)</script>',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '[object Object]',
    '\ud800',
    '\u202e',
    'é'.repeat(300),
  ],
];

/** What stands where these names are asked for, when somebody means it. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  source: ['events', 'sessions', 'connections', 'posted'],
  from: ['2021-03-01T00:00Z', '2021-03-01T09:00:00.5Z', '1614589200000', '2021-03-01'],
  to: ['2021-03-02T00:00Z', '2021-03-01T09:30:00Z', '1614675600000'],
  start: ['2021-03-01T00:00Z', '2021-03-01T09:10Z'],
  end: ['2021-03-02T00:00Z', '2021-03-01T12:00Z'],
  tz: ['UTC', 'Europe/Berlin'],
  windowTimeZone: ['UTC', 'America/New_York'],
  interval: ['1h', '1d', '15m', '1mo'],
  slug: ['logins', 'tokens', 'sessions'],
  meter: ['logins', 'tokens'],
  groupBy: ['subject', 'model'],
  report: ['daily'],
  run: [SERVED_RUN],
  as_of: ['2026-03-01'],
};
const SUBJECTS = ['acme', 'globex', "o'neil", 'nobody'];

const MEDIA = [
  'application/json',
  'text/csv',
  'application/x-ndjson',
  '*/*',
  'image/png',
  'text/*;q=0.5',
  ';;q=x',
];

/** Requests, right and wrong, of all that a document lists. */
export function apiRequests(
  paths: Readonly<Record<string, Record<string, Operation>>>,
): fc.Arbitrary<ApiRequest> {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestOf(path, method.toUpperCase(), operation),
    ),
  );
  return fc.oneof(...all);
}

function requestOf(path: string, method: string, operation: Operation): fc.Arbitrary<ApiRequest> {
  const { parameters = [], requestBody } = operation;
  const given = parameters.map(({ name, in: place, required = false, schema }) => {
    const value = wordFor(name, schema);
    if (place === 'path') return value.map((word) => [name, [word].flat()[0] ?? ''] as const);
    // What has members stands in a query as a name for each of them.
    const key = schema.type === 'object' ? `${name}[model]` : name;
    const sent = fc.integer({ min: 0, max: 19 }).map((chance) => chance < (required ? 19 : 5));
    return fc
      .tuple(sent, value)
      .map(([isSent, word]) => (isSent ? ([key, word] as const) : undefined));
  });
  const extra = seldom(30, fc.tuple(hostile(), hostile()));
  return fc
    .record({
      values: fc.tuple(...given),
      extra,
      accept: seldom(2, fc.constantFrom(...MEDIA)),
      tag: seldom(5, fc.constantFrom('*', '"x"', 'W/"x", *')),
      body: requestBody ? bodyOf(requestBody) : fc.constant(undefined),
    })
    .map(({ values, extra: other, accept, tag, body }) => {
      const entries = values.filter((value) => value !== undefined);
      const isInPath = (name: string) => path.includes(`{${name}}`);
      const url = path.replaceAll(/[{]([^}]+)[}]/g, (_, name: string) => {
        const [, word] = entries.find(([key]) => key === name)!;
        return encodeURIComponent(String(word).toWellFormed());
      });
      const query = new Map<string, string | readonly string[]>(
        entries.filter(([name]) => !isInPath(name)),
      );
      if (other) query.set(...other);
      const search = new URLSearchParams(
        [...query].flatMap(([name, words]) => [words].flat().map((word) => [name, String(word)])),
      );
      const headers = {
        ...(accept !== null && { accept }),
        ...(tag !== null && { 'if-none-match': tag }),
        ...(body && { 'content-type': body.type }),
      };
      return {
        ...{ path, method, operation, headers, payload: body?.text },
        url: search.size > 0 ? `${url}?${search}` : url,
        query: Object.fromEntries(query),
      };
    });
}

/** Something once in so many times, else null. */
function seldom<Value>(times: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

function hostile(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...INJECTIONS), fc.string({ unit: 'grapheme', minLength: 1 }));
}

/** A value of a parameter: one that is meant, one by its schema, or one that is neither. */
function wordFor(name: string, schema: Schema): fc.Arbitrary<string | string[]> {
  const usual = fc.constantFrom(...(USUAL[name] ?? SUBJECTS));
  const bySchema = fc.oneof(...(schema.anyOf ?? [schema]).map((one) => wordsOf(one, usual)));
  return fc.oneof({ weight: 12, arbitrary: bySchema }, { weight: 1, arbitrary: hostile() });
}

function wordsOf(schema: Schema, usual: fc.Arbitrary<string>): fc.Arbitrary<string | string[]> {
  const { type, enum: words, minimum = 0, maximum = 1000, items } = schema;
  if (words) return fc.constantFrom(...words);
  if (type === 'array' && items)
    return fc.array(wordsOf(items, usual) as fc.Arbitrary<string>, { maxLength: 3 });
  if (type === 'integer') return fc.integer({ min: minimum - 1, max: maximum + 1 }).map(String);
  return usual;
}

/** A body of one of the types that are taken, or another. */
function bodyOf({
  content,
}: NonNullable<Operation['requestBody']>): fc.Arbitrary<{ type: string; text: string }> {
  const types = Object.keys(content);
  const [{ schema }] = Object.values(content) as [{ schema: Schema }];
  const object = schema.anyOf?.find(({ properties }) => properties) ?? schema;
  const right = object.properties ? objectOf(object.properties) : eventsOf();
  return fc.record({
    type: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...types) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'text/plain',
          'application/xml',
          'application/json; charset=latin1',
        ),
      },
    ),
    text: fc.oneof(
      { weight: 6, arbitrary: right.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.json() },
      { weight: 1, arbitrary: fc.constantFrom('', '{', '[[[[', '\0', 'null', '{"__proto__":{}}') },
    ),
  });
}

function objectOf(properties: Readonly<Record<string, Schema>>): fc.Arbitrary<object> {
  const members = Object.entries(properties).map(([name, schema]) => [
    name,
    schema.type === 'object'
      ? fc.dictionary(fc.constantFrom('model', 'model', 'x'), fc.constantFrom('a', ['a', 'b'], 7))
      : wordFor(name, schema),
  ]);
  return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
}

function eventsOf(): fc.Arbitrary<unknown> {
  const event = fc.record(
    {
      specversion: fc.constantFrom('1.0', '0.3'),
      id: fc.oneof(fc.nat(200).map(String), hostile()),
      source: fc.constantFrom('s', 't'),
      type: fc.oneof(fc.constantFrom('login', 'call'), hostile()),
      subject: fc.oneof(fc.constantFrom(...SUBJECTS), hostile()),
      time: fc.oneof(
        fc.constantFrom('2021-03-01T09:00:00Z', '2021-03-01T10:00:00.123Z'),
        hostile(),
      ),
      data: fc.oneof(fc.constant({ n: 1, m: 'a' }), fc.jsonValue()),
    },
    { requiredKeys: ['specversion', 'id', 'source', 'type', 'subject'] },
  );
  return fc.oneof(event, fc.array(event, { maxLength: 4 }));
}
