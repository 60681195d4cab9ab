import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Row } from '../../src/core/table.ts';
import { openHosts } from '../../src/open/open-connections.ts';
import { openCounts } from '../../src/open/open-counts.ts';
import { filesOf } from '../support/bill.ts';
import { arbitraryConnections, type TestConnection } from '../support/events.ts';
import { shownReport } from '../support/report.ts';
import { CONNECTION_LOG, EVENTS, storeOf } from '../support/stored.ts';
import { connectionText } from '../support/streams.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 100);
const HOUR = 3_600_000;
const times = fc.oneof(fc.nat(9), fc.nat(10 * HOUR));
const pairs = fc.tuple(arbitraryConnections({ times }), arbitraryConnections({ times }));
const cuts = fc.constantFrom({}, { threads: 1, segmentBytes: 60 });
const range = { from: `${HOUR}`, to: `${5 * HOUR}` };

describe('hosts --explain', () => {
  test('tells each connection that is counted by time and place, from files and a store', async () => {
    const asked = fc.record({
      direction: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
      range: fc.constantFrom({}, range),
    });
    await fc.assert(
      fc.asyncProperty(pairs, asked, cuts, async (logs, { direction, range }, scan) => {
        using files = filesOf({
          a: connectionText(logs[0]),
          'b.gz': gzipSync(connectionText(logs[1])),
        });
        const request = { host: 'Matina', explain: true, maxDisorder: '1d', direction, ...range };
        const all = logs.flatMap((log, rank) => placed(log, connectionText, files.paths[rank]!));
        const rows = inRange(all, range).flatMap(({ name, object, time, place }) => [
          ...(object === 'Matina' && direction !== 'out'
            ? [[name, 'inbound', time, ...place]]
            : []),
          ...(name === 'Matina' && direction !== 'in'
            ? [[object, 'outbound', time, ...place]]
            : []),
        ]);
        const fromFiles = openHosts({ ...request, files: files.paths });
        assert.deepEqual((await shownReport(fromFiles, scan)).rows, rows);
        using store = await storeOf(files.paths, CONNECTION_LOG);
        const stored = openHosts({ ...request, files: [], store: store.path });
        const sameTimes = (found: readonly Row[]) => new Set(found);
        assert.deepEqual(sameTimes((await shownReport(stored, scan)).rows), sameTimes(rows));
      }),
      { numRuns: RUNS },
    );
  });

  test('reads as far as a range goes, and no further', async () => {
    const log = Array.from({ length: 20_000 }, (_, i) => `${i * 1000} A B\n`).join('');
    using files = filesOf({ 'a.gz': gzipSync(log) });
    const to = { host: 'A', explain: true, to: '3000', maxDisorder: '0s' };
    const { rows, notes } = await shownReport(openHosts({ ...to, files: files.paths }));
    assert.deepEqual(
      rows.map((row) => row[2]),
      [0, 1000, 2000],
    );
    assert.deepEqual(notes, ['unread']);
  });
});

describe('counts --explain', () => {
  test('tells each event that is counted by time and place, from files and a store', async () => {
    const asked = fc.record(
      {
        subjects: fc.constant<string[]>(['Matina', '10']),
        types: fc.constant<string[]>(['constructor']),
        valueColumn: fc.constant('5'),
        range: fc.constant(range),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(pairs, asked, cuts, async (logs, { range = {}, ...others }, scan) => {
        using files = filesOf({ a: csvText(logs[0]), b: csvText(logs[1]) });
        const request = { ...others, ...range, interval: '10m', explain: true, header: false };
        const { subjects, types, valueColumn } = others;
        const all = logs.flatMap((log, rank) => placed(log, csvText, files.paths[rank]!));
        const rows = inRange(all, range)
          .filter(
            ({ name, object }) =>
              subjects?.includes(name) !== false && types?.includes(object) !== false,
          )
          .map(({ name, object, time, place }) => [
            ...[name, Math.floor(time / 600_000) * 600_000, time],
            ...(types ? [object] : []),
            ...(valueColumn ? ['0.5'] : []),
            ...place,
          ]);
        const fromFiles = openCounts({ ...request, files: files.paths });
        assert.deepEqual((await shownReport(fromFiles, scan)).rows, rows);
        using store = await storeOf(files.paths, EVENTS);
        const { header: _, valueColumn: valued, ...kept } = { ...request, valueColumn };
        const total = valued ? { value: 'sum' as const } : {};
        const stored = openCounts({ ...kept, ...total, files: [], store: store.path });
        assert.deepEqual(new Set((await shownReport(stored, scan)).rows), new Set(rows));
      }),
      { numRuns: RUNS },
    );
  });

  test('refuses windows, and what a store has not kept', async () => {
    using files = filesOf({ a: 'A,x,,5,1\n' });
    const explained = { files: files.paths, explain: true };
    await assert.rejects(openCounts({ ...explained, every: '1h' }), /--explain.*--every/);
    const fields = ['type'] as const;
    using store = await storeOf(files.paths, { ...EVENTS, fields });
    const valued = { files: [], store: store.path, value: 'sum' as const };
    await assert.rejects(openCounts(valued), /the events have no value/);
    using rollups = await storeOf(files.paths, { ...EVENTS, fields }, 'rollups');
    const stored = { files: [], store: rollups.path };
    assert.deepEqual((await shownReport(openCounts(stored))).rows.length, 1);
    await assert.rejects(openCounts({ ...stored, explain: true }), /needs the events/);
  });
});

function csvText(events: readonly TestConnection[]): string {
  return events.map(({ time, name, object }) => `${name},${object},,${time},0.5\n`).join('');
}

/** Events and where they stand in a file that is written so. */
function placed(
  events: readonly TestConnection[],
  written: (events: readonly TestConnection[]) => string,
  path: string,
) {
  return events.map((event, i) => {
    const place: Row = [path, i + 1, written(events.slice(0, i)).length];
    return { ...event, place };
  });
}

function inRange<Event extends TestConnection>(
  events: readonly Event[],
  { from = '-1', to = '1e15' }: { from?: string; to?: string },
): Event[] {
  return events
    .filter(({ time }) => time >= Number(from) && time < Number(to))
    .sort((a, b) => a.time - b.time);
}
