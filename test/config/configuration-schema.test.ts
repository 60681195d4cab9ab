import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { jsonSchema } from '../../src/config/configuration-schema.ts';

type Schema = Readonly<Record<string, unknown>>;
const SCHEMA = JSON.parse(jsonSchema()) as Schema;

describe('the JSON Schema', () => {
  test('explains every key', () => {
    const keys = [...keysOf(SCHEMA)];
    assert.ok(keys.length > 60);
    const mute = keys.filter(([, { description }]) => typeof description !== 'string');
    assert.deepEqual(
      mute.map(([key]) => key),
      [],
    );
  });

  const schema = z.fromJSONSchema(SCHEMA as Parameters<typeof z.fromJSONSchema>[0]);
  for (const [value, isRight] of [
    [{}, true],
    [{ sorces: {} }, false],
    [{ store: { path: 'x' } }, true],
    [{ store: { keep: 'all' } }, false],
    [{ store: { keep: '${KEEP:-events}' } }, true],
    [{ server: { port: 80 } }, true],
    [{ server: { port: '80' } }, false],
    [{ server: { port: '${PORT}' } }, true],
    [
      { sources: { a: { type: 'file', paths: ['a'], format: 'csv', spans_midnight: true } } },
      false,
    ],
    [
      {
        sources: { a: { type: 'file', paths: ['a'], format: 'session-log', spans_midnight: true } },
      },
      true,
    ],
    [{ sources: { a: { type: 'file', paths: ['a'], format: 'ndjson' } } }, false],
    [{ databases: { a: { type: 'mysql', url: '${URL}' } } }, true],
    [{ databases: { a: { type: 'mysql', url: 'postgres://h' } } }, false],
  ] as const) {
    test(`${isRight ? 'takes' : 'refuses'} ${JSON.stringify(value)}`, () => {
      assert.equal(schema.safeParse(value).success, isRight);
    });
  }
});

/** All keys of a schema with what they hold. */
function* keysOf(schema: unknown): Generator<[string, Schema]> {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as Schema;
  if (properties) yield* Object.entries(properties as Readonly<Record<string, Schema>>);
  for (const part of Object.values(schema)) yield* keysOf(part);
}
