import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_RECORD_BYTES } from '../../src/core/decoder.ts';
import { EventBatch } from '../../src/core/event-batch.ts';
import type { JsonColumns, JsonEventOptions } from '../../src/decoders/json-event.ts';
import { ndjson } from '../../src/decoders/ndjson.ts';
import { decodeAll, decoderSuite } from '../support/decoder-suite.ts';

const OPTIONS = { columns: {}, timeUnit: 'ms' } as const satisfies JsonEventOptions;
const TIME = Date.UTC(2021, 2, 1, 0, 11, 25, 277);
const CLOUD_EVENT = {
  specversion: '1.0',
  type: 'request',
  source: 'api/gateway',
  id: '5043d817',
  time: '2021-03-01T00:11:25.277Z',
  subject: 'ALICE99',
  data: { user: { id: 42 }, duration_ms: 12.5 },
};

const names = fc.constantFrom('ALICE99', 'Zoë', 'constructor', '__proto__', '\u{1f600}', '"', '\\');
const times = fc.constantFrom('2021-03-01T00:11:25.277Z', '2021-03-01 00:15:00+00', 1614557485277);
const others = fc.constantFrom(null, {}, [{ subject: 'x' }], '}', 'a\nb', true, -0.5);

describe('ndjson', () => {
  decoderSuite(ndjson, {
    options: OPTIONS,
    records: fc
      .record(
        { data: others, subject: names, type: names, time: times },
        { requiredKeys: ['subject', 'time'] },
      )
      .map((record) => JSON.stringify(record)),
    wrong: {
      json: '{"subject":"ADA","time":0',
      subject: '{"time":0}',
      time: '{"subject":"ADA"}',
      'no zone': '{"subject":"ADA","time":"2021-03-01T00:11:25"}',
      type: '{"subject":"ADA","time":0,"type":[]}',
      id: '{"subject":"ADA","time":0,"specversion":"1.0","id":"7"}',
      encoding: '{"subject":"\\ud800","time":0}',
    },
  });

  test('reads CloudEvents, whose identity is source and id together', () => {
    const { type: _, ...untyped } = CLOUD_EVENT;
    const { events } = read([
      CLOUD_EVENT,
      { ...CLOUD_EVENT, source: 'api', id: 'gateway"5043d817' },
      { ...CLOUD_EVENT, source: 'api/gateway5', id: '043d817' },
      untyped,
    ]);
    const event = {
      subject: 'ALICE99',
      type: 'request',
      time: TIME,
      id: '["api/gateway","5043d817"]',
    };
    assert.deepEqual(events, [
      event,
      { ...event, id: '["api","gateway\\"5043d817"]' },
      { ...event, id: '["api/gateway5","043d817"]' },
      { ...event, type: '' },
    ]);
  });

  test('keeps data as it is written, where it is to', () => {
    const written = ['{"n" : 1.50e400, "__proto__":"\\u00e9\\ud800"}', 'null', '"é"'];
    const lines = ['', ...written.map((data) => `, "data": ${data} `), ''];
    const log = lines.map((data) => `{"subject":"a","time":0${data}}\n`).join('');
    for (const [data, expected] of [
      [true, ['', ...written, '']],
      [false, []],
    ] as const) {
      const bytes = new Uint8Array(Buffer.from(log));
      const chunk = { bytes, end: bytes.length, ended: true, offset: 0, line: 1, blank: 0 };
      const batch = new EventBatch();
      ndjson.open({ ...OPTIONS, data }).decode(chunk, 0, bytes.length, batch, assert.fail);
      const texts = Array.from({ length: batch.data.length }, (_, i) =>
        Buffer.from(batch.data.bytesOf(i)).toString(),
      );
      assert.deepEqual(texts, expected);
      assert.equal(batch.length, lines.length);
    }
  });

  test('reads any other fields by their names, or the way to them', () => {
    const columns = {
      subject: 'data.user.id',
      time: 'at',
      type: 'what',
      id: 'id',
      value: 'data.duration_ms',
    };
    const { time: _, ...timeless } = CLOUD_EVENT;
    const { events } = read([{ ...timeless, at: TIME, what: 7 }], columns);
    assert.deepEqual(events, [
      { subject: '42', type: '7', time: TIME, id: '5043d817', value: '125e-1' },
    ]);
  });

  test('knows of each event whether it has an id', () => {
    const plain = { subject: 'ADA', time: 0 };
    const ids = (lines: readonly object[]) => read(lines).events.map(({ id }) => id);
    assert.deepEqual(ids([plain, CLOUD_EVENT, plain]), ['', '["api/gateway","5043d817"]', '']);
    assert.deepEqual(ids([plain, { ...CLOUD_EVENT, specversion: '0.3' }]), [undefined, undefined]);
  });

  test('reads a subject that is a number as it is written', () => {
    const log = [42, '4.20', '1e3', '123456789012345678901234567890'].map(
      (number) => `{"subject":${number},"time":0}`,
    );
    assert.deepEqual(
      read(log).events.map(({ subject }) => subject),
      ['42', '4.20', '1e3', '123456789012345678901234567890'],
    );
  });

  test('reads values exactly, as numbers or as decimal text', () => {
    const values = {
      '1': '1e-0',
      '-0': '0e-0',
      '12.50': '1250e-2',
      '"12.50"': '1250e-2',
      '"-3"': '-3e-0',
      '9007199254740993': '9007199254740993e-0',
      '0.1': '1e-1',
      '9223372036854775807': '9223372036854775807e-0',
      '-9.223372036854775808': '-9223372036854775808e-18',
      '1.5e3': '1500e-0',
      '1.25E+1': '125e-1',
      '1e-7': '1e-7',
      '12.5e-17': '125e-18',
      '0.005e2': '5e-1',
      '42.0000000000000000000000000': '42e-0',
    };
    for (const [value, expected] of Object.entries(values)) {
      const { events } = read([`{"subject":"a","time":0,"v":${value}}`], { value: 'v' });
      assert.equal(events[0]?.value, expected, value);
    }
  });

  test('rejects values that are none, or do not fit', () => {
    const values = [
      ...[
        '1e400',
        '1e-400',
        '1e999999999',
        '1e999999999999',
        '123456789012345678901234567890',
        '1e-19',
        '1e19',
      ],
      ...['9223372036854775808', '""', '"1e3"', '"NaN"', '"0x10"', '" 1"', '"1,5"', 'null', 'true'],
      ...['{}', '[1]', '"."', '"-"'],
    ];
    for (const value of values) {
      const line = `{"subject":"a","time":0,"v":${value}}`;
      assert.deepEqual(read([line], { value: 'v' }).reasons, ['value'], value);
    }
    assert.deepEqual(read(['{"subject":"a","time":0}'], { value: 'v' }).reasons, ['value']);
  });

  test('says why a line is no event', () => {
    const reasons: Record<string, string> = {
      '': 'blank',
      ' \t\r': 'blank',
      '[]': 'json',
      null: 'json',
      '7': 'json',
      '"{}"': 'json',
      "{'subject':'a'}": 'json',
      '{"subject":"a","time":0,}': 'json',
      '{"subject":"a","time":0} {}': 'json',
      '{"subject":"a","time":01}': 'json',
      '{"subject":"a\tb","time":0}': 'json',
      '\ufeff{"subject":"a","time":0}': 'json',
      '\u00a0': 'json',
      '{}': 'subject',
      '{"subject":"","time":0}': 'subject',
      '{"subject":null,"time":0}': 'subject',
      '{"subject":true,"time":0}': 'subject',
      '{"subject":["a"],"time":0}': 'subject',
      '{"subject":{"a":1},"time":0}': 'subject',
      '{"subject":"a\\u0000","time":0}': 'subject',
      '{"subject":"a\\nb","time":0}': 'subject',
      '{"subject":"a","subject":"","time":0}': 'subject',
      '{"__proto__":{"subject":"a"},"time":0}': 'subject',
      '{"subject":"a"}': 'time',
      '{"subject":"a","time":null}': 'time',
      '{"subject":"a","time":""}': 'time',
      '{"subject":"a","time":{}}': 'time',
      '{"subject":"a","time":1.5}': 'time',
      '{"subject":"a","time":1e3}': 'time',
      '{"subject":"a","time":9007199254740993}': 'time',
      '{"subject":"a","time":"2021-02-30T00:00:00Z"}': 'time',
      '{"subject":"a","time":"2021-03-01T00:00:00Zx"}': 'time',
      '{"subject":"a","time":"2021-03-01T00:00:00 x"}': 'time',
      '{"subject":"a","time":"\u0130"}': 'time',
      '{"subject":"a","time":"2021-03-01 00:00:00"}': 'no zone',
      '{"subject":"a","time":0,"specversion":"1.0"}': 'id',
      '{"subject":"a","time":0,"specversion":"1.0","source":"s","id":""}': 'id',
      '{"subject":"a","time":0,"specversion":"1.0","source":"s","id":{}}': 'id',
      '{"subject":"\\udc00","time":0}': 'encoding',
      '{"subject":"a","time":0,"type":"\\ud83d"}': 'encoding',
    };
    for (const [line, reason] of Object.entries(reasons)) {
      const { reasons: found, blank, events } = read([line]);
      assert.deepEqual([...found, ...(blank ? ['blank'] : [])], [reason], JSON.stringify(line));
      assert.equal(events.length, 0);
    }
    for (const id of ['null', '""', '[]', 'false'])
      assert.deepEqual(read([`{"subject":"a","time":0,"k":${id}}`], { id: 'k' }).reasons, ['id']);
    const latin1 = Buffer.from('{"subject":"Zo\xeb","time":0}', 'latin1');
    assert.deepEqual(decodeAll(ndjson.open(OPTIONS), latin1).rejects, [
      { reason: 'encoding', line: 1, offset: 0 },
    ]);
  });

  test('reads a line the same among others as alone', () => {
    const id = fc.constantFrom(undefined, '', '7', 8, '\ud800');
    const record = fc.record({
      subject: fc.option(names),
      time: fc.oneof(times, fc.constant('2021-03-01')),
      type: fc.option(names),
      source: fc.constantFrom(undefined, 's'),
      specversion: fc.constantFrom(undefined, '1.0', '0.3'),
      id,
      v: fc.constantFrom(undefined, 1.5, '2', 'x'),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), fc.boolean(), (lines, valued) => {
        const columns = valued ? { value: 'v' } : {};
        const all = read(lines, columns);
        const alone = lines.map((line) => read([line], columns));
        const withId = (event: Read['events'][number]) => ({ ...event, id: event.id ?? '' });
        assert.deepEqual(
          [all.events.map(withId), all.reasons],
          [alone.flatMap((it) => it.events).map(withId), alone.flatMap((it) => it.reasons)],
        );
      }),
      { numRuns: 500 },
    );
  });

  test('reads local times in the zone that is told', () => {
    const log = ['2021-07-01T02:00:00', '2021-07-01T00:00:00Z'].map((time) => ({
      subject: 'a',
      time,
    }));
    const { events } = read(log, {}, 'Europe/Berlin');
    assert.deepEqual(
      events.map(({ time }) => time),
      [Date.UTC(2021, 6, 1), Date.UTC(2021, 6, 1)],
    );
  });

  test('reads back what JSON.stringify wrote, whatever it is', () => {
    const text = fc
      .oneof(names, fc.string({ unit: 'grapheme' }))
      .filter((it) => /^\P{Cc}+$/u.test(it));
    const keys = fc.oneof(names, fc.constantFrom('subject', 'time', 'data', 'specversion'));
    const record = fc.record({
      noise: fc.array(fc.tuple(keys, fc.jsonValue())),
      subject: text,
      type: text,
      id: text,
      time: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
      value: fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: -999, max: 999 }).map((n) => n / 4),
      ),
      indent: fc.constantFrom('', ' ', '\t'),
    });
    const columns = {
      subject: 's.u b',
      time: 's.time',
      type: 's.type',
      id: 's.id',
      value: 's.value',
    };
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const lines = records.map(({ noise, indent, subject, type, id, time, value }) => {
          const s = { 'u b': subject, type, id, time, value };
          const object = { ...Object.fromEntries(noise), s };
          return JSON.stringify(object, undefined, indent).replaceAll('\n', '\r');
        });
        const { events, reasons } = read(lines, columns);
        assert.deepEqual(reasons, []);
        assert.deepEqual(
          events.map((event) => ({ ...event, value: Number(event.value) })),
          records.map(({ subject, type, id, time, value }) => ({ subject, type, id, time, value })),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('reads lines of up to 1 MiB however deep, and rejects longer ones', () => {
    const front = '{"subject":"a","time":0,"x":';
    const depth = Math.floor((MAX_RECORD_BYTES - front.length - 1) / 2);
    const deep = `${front}${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const long = `${front}"${'x'.repeat(MAX_RECORD_BYTES - front.length - 3)}"}`;
    assert.equal(long.length, MAX_RECORD_BYTES);
    const { events, reasons } = read([deep, long, `${long}\r`, ` ${long}`, `${long} \r`]);
    assert.deepEqual([events.length, reasons], [3, ['too long', 'too long']]);
  });
});

interface Read {
  readonly events: { subject: string; type: string; time: number; id?: string; value?: string }[];
  readonly reasons: string[];
  readonly blank: number;
}

/** What lines say that are given as they are, or as objects. */
function read(lines: readonly (string | object)[], columns: JsonColumns = {}, zone?: string): Read {
  const log = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  const bytes = new Uint8Array(Buffer.from(log.join('')));
  const chunk = { bytes, end: bytes.length, ended: true, offset: 0, line: 1, blank: 0 };
  const batch = new EventBatch();
  const reasons: string[] = [];
  const decoder = ndjson.open({ columns, timeUnit: 'ms', zone });
  const end = decoder.decode(chunk, 0, bytes.length, batch, (reason) => reasons.push(reason));
  assert.deepEqual([end, chunk.line], [bytes.length, lines.length + 1]);
  const hasIds = batch.id.length > 0;
  if (hasIds) assert.equal(batch.id.length, batch.length);
  const events = Array.from({ length: batch.length }, (_, i) => ({
    subject: batch.names.nameOf(batch.subject[i]!),
    type: batch.names.nameOf(batch.type[i]!),
    time: batch.time[i]!,
    ...(hasIds && { id: Buffer.from(batch.id.bytesOf(i)).toString() }),
    ...(columns.value !== undefined && { value: `${batch.value[i]}e-${batch.scale[i]}` }),
  }));
  return { events, reasons, blank: chunk.blank };
}
