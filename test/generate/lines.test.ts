import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { generators } from '../../src/generate/index.ts';
import { Lines, MAX_LINE_BYTES, type Plan } from '../../src/generate/lines.ts';

type Kind = keyof typeof generators;

const MIDNIGHT = Date.UTC(2024);
const RECORD: Record<Kind, RegExp> = {
  sessions: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d [A-Za-z0-9]+ (Start|End)$/,
  connections: /^\d{13} [A-Z][a-z]{3,11} [A-Z][a-z]{3,11}$/,
  events: /^customer_\d+,[a-z]+,t[0-9a-f]{16},\d{4}(-\d\d){2} \d\d(:\d\d){2}[.]\d{3}[+]00:00$/,
};
const DIGESTS: Record<Kind, string> = {
  sessions: '3a86973f0c623f8b408bb0b7adf259288eead3049cc25d417f1c6083f7e2f1de',
  connections: 'c2d949389ca8e4de0591c25ed33a3f4cc49aa7164666391d1d7f4f8b50ce142c',
  events: '3da01ce2fd8a97221e4da32608375660722a888e85b712cfb4b8eacaacf40a5f',
};

describe('generated lines', () => {
  for (const kind of Object.keys(generators) as Kind[]) {
    describe(`of ${kind}`, () => {
      test('are the same bytes on any machine', () => {
        const text = made(kind, { rows: 1000, disorderMs: 300_000, junk: 0.01 });
        assert.equal(createHash('sha256').update(text, 'latin1').digest('hex'), DIGESTS[kind]);
      });

      test('differ with the seed', () => {
        assert.notEqual(made(kind, { seed: 2 }), made(kind, { seed: 1 }));
        assert.notEqual(made(kind, { seed: 2 ** 32 }), made(kind, { seed: 0 }));
      });

      test('are records, but for the share that is junk', () => {
        const lines = made(kind, { rows: 100_000, junk: 0.05 }).trimEnd().split('\n');
        assert.equal(lines.length, 100_000);
        const junk = lines.filter((line) => !RECORD[kind].test(line));
        assert.ok(Math.abs(junk.length - 5000) < 300, `${junk.length}`);
        assert.ok(!junk.some((line) => line.trim() === ''), 'blank lines are no records');
        assert.match(lines[0]!, RECORD[kind]);
      });

      test('are in order of time, and cover the span', () => {
        const times = timesOf(kind, made(kind, { rows: 10_000, spacingMs: 8640 }));
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
        assert.ok(times[0]! < 8640 && times.at(-1)! >= 86_400_000 - 9640, `${times.at(-1)}`);
        assert.ok(times.at(-1)! < 86_400_000);
      });

      test('are never later than the disorder, and the same records', () => {
        const arbitraryDisorder = fc.record({
          rows: fc.integer({ min: 1, max: 400 }),
          seed: fc.maxSafeNat(),
          spacingMs: fc.oneof(
            fc.integer({ min: 1, max: 400 }),
            fc.double({ min: 1e-3, max: 5, noNaN: true }),
          ),
          disorderMs: fc.integer({ min: 0, max: 60 }).map((seconds) => seconds * 1000),
        });
        const check = (plan: Partial<Plan> & { disorderMs: number }) => {
          const text = made(kind, plan);
          let highest = 0;
          for (const time of timesOf(kind, text)) {
            assert.ok(highest - time <= plan.disorderMs, `${highest} ${time}`);
            highest = Math.max(highest, time);
          }
          const ordered = made(kind, { ...plan, disorderMs: 0 });
          assert.deepEqual(text.split('\n').sort(), ordered.split('\n').sort());
        };
        fc.assert(fc.property(arbitraryDisorder, check));
      });

      test('are mostly displaced where there is disorder', () => {
        const times = timesOf(kind, made(kind, { rows: 10_000, disorderMs: 60_000 }));
        const late = times.filter((time, i) => i > 0 && time < times[i - 1]!).length;
        assert.ok(late > 4000, `${late}`);
        let highest = 0;
        const lag = times.map((time) => {
          highest = Math.max(highest, time);
          return highest - time;
        });
        assert.ok(Math.max(...lag) > 55_000, 'the bound is nearly reached');
      });
    });
  }

  test('of sessions miss a half now and then', () => {
    const open = new Set<string>();
    let odd = 0;
    for (const line of made('sessions', { rows: 50_000 }).trimEnd().split('\n')) {
      const [, name, marker] = line.split(' ');
      if ((marker === 'Start') === open.has(name!)) odd++;
      if (marker === 'Start') open.add(name!);
      else open.delete(name!);
    }
    assert.ok(Math.abs(odd - 1000) < 150, `${odd}`);
  });

  test('of connections name few hosts often, and hosts that connect to themselves', () => {
    const pairs = fieldsOf('connections', 50_000, ' ').map(([, ...hosts]) => hosts);
    const sent = Map.groupBy(pairs, ([source]) => source);
    assert.ok(sent.size > 5000 && sent.size <= 7000, `${sent.size}`);
    assert.ok(Math.max(...sent.values().map(({ length }) => length)) > 2000);
    assert.ok(pairs.some(([source, target]) => source === target));
  });

  test('of events each have a transaction of their own', () => {
    const ids = fieldsOf('events', 50_000, ',').map(([, , id]) => id);
    assert.equal(new Set(ids).size, 50_000);
  });

  test('draw from as many names as told', () => {
    const plan = { names: 3, rows: 1000 };
    const users = made('sessions', plan).match(/ [A-Za-z0-9]+ /g);
    assert.equal(new Set(users).size, 3);
  });

  test('come when they are due, as of a log that is under way', () => {
    const plan = planOf('events', {
      rows: Number.POSITIVE_INFINITY,
      disorderMs: 60_000,
      underWay: true,
    });
    const lines = new Lines(plan);
    const bytes = Buffer.alloc(1 << 20);
    assert.equal(lines.timeOfNext(MIDNIGHT), undefined);
    let total = 0;
    for (let now = MIDNIGHT; now <= MIDNIGHT + 60_000; now += 1000) {
      const text = bytes.toString('latin1', 0, lines.fill(bytes, now, Number.POSITIVE_INFINITY));
      for (const time of timesOf('events', text)) {
        assert.ok(time + MIDNIGHT <= now && time + MIDNIGHT > now - 62_000, `${time}`);
        total++;
      }
    }
    assert.ok(Math.abs(total - 600) < 60, `${total}`); // As many as without disorder, from the first second.
    assert.equal(lines.done, false);
  });

  test('end before a time that belongs elsewhere', () => {
    const lines = new Lines(planOf('events', { rows: 100 }));
    const bytes = Buffer.alloc(1 << 16);
    const until = MIDNIGHT + 5000;
    const size = lines.fill(bytes, Number.POSITIVE_INFINITY, until);
    assert.equal(timesOf('events', bytes.toString('latin1', 0, size)).length, 50);
    assert.equal(lines.fill(bytes, Number.POSITIVE_INFINITY, until), 0);
    assert.ok(lines.timeOfNext(Number.POSITIVE_INFINITY)! >= until);
  });
});

function planOf(kind: Kind, plan: Partial<Plan>): Plan {
  const generator = generators[kind];
  const { names } = generator;
  const often = { seed: 1, names, rows: 100, start: MIDNIGHT, end: Number.POSITIVE_INFINITY };
  const plain = { spacingMs: 100, disorderMs: 0, junk: 0, underWay: false };
  return { generator, ...often, ...plain, ...plan };
}

/** All lines, made in small pieces. */
function made(kind: Kind, plan: Partial<Plan>): string {
  const lines = new Lines(planOf(kind, plan));
  const bytes = Buffer.alloc(MAX_LINE_BYTES + 1000);
  let text = '';
  while (!lines.done) {
    const size = lines.fill(bytes, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    text += bytes.toString('latin1', 0, size);
  }
  return text;
}

function fieldsOf(kind: Kind, rows: number, separator: string): string[][] {
  const lines = made(kind, { rows }).trimEnd().split('\n');
  return lines.map((line) => line.split(separator));
}

/** Times of records, in ms since the start. */
function timesOf(kind: Kind, text: string): number[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    if (kind === 'connections') return Number(line.slice(0, 13)) - MIDNIGHT;
    if (kind === 'events') return Date.parse(line.split(',')[3]!) - MIDNIGHT;
    return Date.parse(`2024-01-01T${line.slice(0, 8)}Z`) - MIDNIGHT;
  });
}
