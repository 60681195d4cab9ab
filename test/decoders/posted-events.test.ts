import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../src/core/event-batch.ts';
import type { PostedForm } from '../../src/core/posted-events.ts';
import { ndjson } from '../../src/decoders/ndjson.ts';
import { readPosted } from '../../src/decoders/posted-events.ts';

const ARRIVED = Date.UTC(2026, 10, 22, 8, 37, 47, 123);
const EVENT = {
  specversion: '1.0',
  id: '7',
  source: 'api',
  type: 'request',
  subject: 'ant',
  time: '2021-03-01T00:11:25.277Z',
};

function read(body: unknown, form: PostedForm = 'json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { events, problems } = readPosted(Buffer.from(text), form, ARRIVED);
  const kept = events.map(
    (event) => event && { ...event, line: Buffer.from(event.line).toString() },
  );
  return { events: kept, problems };
}

describe('posted events', () => {
  test('are read whichever way they are sent', () => {
    const one = read(EVENT).events[0];
    assert.deepEqual(one, {
      line: `${JSON.stringify(EVENT)}\n`,
      ...{ time: Date.parse(EVENT.time), isUntimed: false, subject: 'ant', type: 'request' },
      ...{ id: '["api","7"]', data: '' },
    });
    const pretty = JSON.stringify([EVENT, EVENT], null, '\t');
    const lines = `\r\n${JSON.stringify(EVENT)}\r\n \n${JSON.stringify(EVENT)}`;
    for (const [body, form] of [
      [pretty, 'json'],
      [pretty, 'array'],
      [lines, 'lines'],
    ] as const)
      assert.deepEqual(read(body, form), { events: [one, one], problems: [] });
    assert.deepEqual(read(` ${JSON.stringify(EVENT, null, 2)}\n`, 'object').events, [one]);
    assert.deepEqual(read('[]'), { events: [], problems: [] });
  });

  test('keep their data as it is written, but for blanks between values', () => {
    const data = '{ "n" : 1.50e400,\n "a b":[ "\\u00e9 \\" ", true ] }';
    const { events } = read(`${JSON.stringify(EVENT).slice(0, -1)}, "data": ${data} }`);
    assert.equal(events[0]!.data, '{"n":1.50e400,"a b":["\\u00e9 \\" ",true]}');
    assert.ok(events[0]!.line.endsWith(`,"data":${events[0]!.data}}\n`));
  });

  test('without a time are of the time of arrival', () => {
    for (const time of [undefined, null]) {
      const { line, time: found, isUntimed } = read({ ...EVENT, time }).events[0]!;
      assert.deepEqual([found, isUntimed], [ARRIVED, true]);
      assert.equal((JSON.parse(line) as typeof EVENT).time, '2026-11-22T08:37:47.123Z');
    }
  });

  test('tell all that is wrong with them, and where', () => {
    const { specversion: _, ...unversioned } = EVENT;
    const text = 'expected a text that is not empty';
    const { events, problems } = read([
      { ...EVENT, time: 'yesterday' },
      EVENT,
      { specversion: 1, id: 7, source: '', type: null, time: 0 },
      'event',
      { ...unversioned, subject: 'a\0b' },
      { ...EVENT, time: '2021-03-01T00:11:25' },
      { ...EVENT, data: 'x'.repeat(1 << 20) },
    ]);
    assert.deepEqual(
      events.map((event) => event !== undefined),
      [false, true, false, false, false, false, false],
    );
    assert.deepEqual(
      problems.map(({ pointer, detail }) => [pointer, detail]),
      [
        ['/0/time', 'expected a time as RFC 3339 has it, such as 2021-03-01T12:00:00Z'],
        ['/2/specversion', 'expected "1.0"'],
        ...['id', 'source', 'type', 'subject'].map((name) => [`/2/${name}`, text]),
        ['/2/time', 'expected a time as RFC 3339 has it, such as 2021-03-01T12:00:00Z'],
        ['/3', 'expected an object'],
        ['/4/specversion', 'expected "1.0"'],
        ['/4/subject', 'expected a name without control characters'],
        ['/5/time', 'expected a time as RFC 3339 has it, with its zone'],
        ['/6', 'longer than 1048576 bytes'],
      ],
    );
    assert.equal(read({ ...EVENT, id: '' }).problems[0]!.pointer, '/id');
    const surrogate = JSON.stringify(EVENT).replace('ant', '\\ud800');
    assert.equal(read(surrogate).problems[0]!.detail, 'expected characters, not halves of such');
    const lines = read(`{"a":1\n${JSON.stringify(EVENT)}\n`, 'lines');
    assert.match(lines.problems[0]!.detail, /^not JSON: /);
    assert.equal(lines.events[1]!.subject, 'ant');
  });

  test('are refused as a whole where the body cannot be read', () => {
    const refused = (body: string, message: RegExp, form?: PostedForm) =>
      assert.throws(() => read(body, form), { code: 'USAGE', message });
    refused('', /not JSON: .* at position 0$/);
    refused('[{"id":', /at position 7$/);
    refused('{"id":x}', /not JSON: Unexpected token 'x'/);
    refused('[]', /is to be one event/, 'object');
    refused('{}', /is to be an array/, 'array');
    refused(`[${'0,'.repeat(65_536)}0]`, /65537 events; send at most 65536/);
    assert.throws(() => readPosted(Buffer.from([0xff]), 'json', 0), { message: /UTF-8/ });
  });

  test('are the same where they are read the quick way', () => {
    const name = fc.oneof(
      fc.constantFrom('', '1.0', '\ud800', 'a\0', '\\"', '__proto__', null, 1.5, {}),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    const event = fc.record(
      {
        ...{ specversion: fc.constantFrom('1.0', '1.0', '1.0', 1), id: name, source: name },
        ...{ type: name, subject: name, data: fc.jsonValue(), constructor: name },
        time: fc.constantFrom('2021-03-01T00:11:25+01:00', '2021-03-01T00:11:25', 'x', null, 7),
      },
      { requiredKeys: ['specversion', 'id'] },
    );
    const element = fc.oneof({ weight: 9, arbitrary: event }, fc.jsonValue());
    fc.assert(
      fc.property(fc.array(element), (sent) => {
        const text = JSON.stringify(sent);
        assert.deepEqual(read(text), read(` ${text}`));
      }),
    );
    for (const json of ['1e2', '-0', '12345678901234567890', '{"a":1,"a":2}', '"\\u0061"']) {
      const [one] = read(
        `[${JSON.stringify({ ...EVENT, data: '?' }).replace('"?"', json)}]`,
      ).events;
      assert.equal(one!.data, json);
    }
  });

  test('may be of any depth', () => {
    for (let depth = 16; depth < 200_000; depth = Math.ceil(depth * 1.3)) {
      const data = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const text = `[${JSON.stringify({ ...EVENT, data: '?' }).replace('"?"', data)}]`;
      assert.equal(read(text).events[0]!.data, data);
    }
  });

  test('are the events that the decoder of their lines finds', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 5 });
    const event = fc.record(
      {
        ...{ specversion: fc.constant('1.0'), id: name, source: name, type: name, subject: name },
        time: fc.constantFrom('2021-03-01T00:11:25+01:00', '2021-03-01 00:11:25Z', 'x', null),
        data: fc.jsonValue(),
      },
      { requiredKeys: ['specversion'] },
    );
    fc.assert(
      fc.property(fc.array(event), fc.constantFrom('', ' '), (sent, space) => {
        const { events } = readPosted(Buffer.from(JSON.stringify(sent, null, space)), 'json', 7);
        const kept = events.filter((one) => one !== undefined);
        const bytes = new Uint8Array(Buffer.concat(kept.map(({ line }) => line)));
        const chunk = { bytes, end: bytes.length, ended: true, offset: 0, line: 1, blank: 0 };
        const batch = new EventBatch();
        const decoder = ndjson.open({ columns: {}, timeUnit: 'ms', data: true });
        decoder.decode(chunk, 0, bytes.length, batch, assert.fail);
        assert.equal(batch.length, kept.length);
        for (const [i, { time, subject, type, id, data }] of kept.entries()) {
          assert.equal(batch.time[i], time);
          assert.equal(batch.names.nameOf(batch.subject[i]!), subject);
          assert.equal(batch.names.nameOf(batch.type[i]!), type);
          assert.equal(Buffer.from(batch.id.bytesOf(i)).toString(), id);
          const found = i < batch.data.length ? Buffer.from(batch.data.bytesOf(i)).toString() : '';
          assert.equal(found, data);
        }
      }),
    );
  });
});
