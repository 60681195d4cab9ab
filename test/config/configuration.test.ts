import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathFrom } from '../../src/config/configuration.ts';
import { configured, DESIGNED } from '../support/configuration.ts';

const URLS = { PLATFORM_URL: 'postgres://db/platform', LEARNING_URL: 'mysql://db/learning' };

describe('a configuration', () => {
  test('has the shape of the design', async () => {
    const { folder, configuration } = await configured(DESIGNED, URLS);
    const { sources, databases, meters, reports } = configuration;
    assert.deepEqual(sources.get('app-sessions'), {
      type: 'file',
      paths: [join(folder, 'logs/app-*.log*')],
      format: 'session-log',
      log: 'day',
      date: 'from-name',
      spans_midnight: false,
      extra_fields: 'reject',
    });
    assert.deepEqual(sources.get('connections'), {
      type: 'directory',
      path: join(folder, 'incoming'),
      done: 'move',
      format: 'connection-log',
      time_unit: 'ms',
    });
    assert.deepEqual(databases.get('learning'), { type: 'mysql', url: URLS.LEARNING_URL });
    const slugs = meters.map(({ slug }) => slug);
    assert.deepEqual(slugs, ['api_requests_total', 'app_sessions']);
    assert.equal(reports.get('active-users')?.activity.count, 'rows');
  });

  test('is as its documentation shows it', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const [, example = ''] = /```yaml\n([^`]+)```/.exec(page) ?? [];
    const { configuration } = await configured(example, {
      ...URLS,
      S3_KEY_ID: 'id',
      S3_SECRET_KEY: 'secret',
    });
    assert.equal(configuration.sources.size, 4);
  });

  test('has a default for all that is left out', async () => {
    for (const text of ['', '# nothing\n', 'sources:\nmeters:\n', 'store: {}\nserver: { host: }']) {
      const { folder, configuration } = await configured(text);
      assert.deepEqual(configuration, {
        store: { type: 'sqlite', path: join(folder, 'daybook.db'), keep: 'events' },
        sources: new Map(),
        databases: new Map(),
        meters: [],
        reports: new Map(),
        history: { type: 'store' },
        server: { host: '127.0.0.1', port: 8000 },
        log: { level: 'info' },
      });
    }
  });

  test('finds only parts of its own, whatever they are called', async () => {
    const text = 'databases: { constructor: { type: mysql, url: mysql://h/d } }';
    const { databases } = (await configured(text)).configuration;
    assert.deepEqual([...databases.keys()], ['constructor']);
    assert.equal(databases.get('toString'), undefined);
  });

  test('starts relative paths at its folder', async () => {
    const { folder, configuration } = await configured(`
      store: { path: data/daybook.db }
      sources:
        logs: { type: file, paths: [a.log, /b.log, "c*.log"], format: connection-log }
        folder: { type: directory, path: in, format: connection-log }
      reports:
        r:
          type: activity
          subjects: { database: d, table: t, key: k }
          activity: { database: d, table: t, key: k, time: t }
          destination: { type: file, path: r.csv }
      databases: { d: { type: mysql, url: mysql://h/d } }
      log: { file: ../daybook.log }`);
    const { store, sources, reports, log } = configuration;
    assert.equal(store.path, join(folder, 'data/daybook.db'));
    const [logs, directory] = [...sources.values()];
    assert.ok(logs?.type === 'file' && directory?.type === 'directory');
    assert.deepEqual(logs.paths, [join(folder, 'a.log'), '/b.log', join(folder, 'c*.log')]);
    assert.equal(directory.path, join(folder, 'in'));
    assert.deepEqual(reports.get('r')?.destination, {
      type: 'file',
      path: join(folder, 'r.csv'),
      overwrite: false,
    });
    assert.equal(log.file, join(folder, '../daybook.log'));
  });

  test('takes the name of its folder for no pattern', () => {
    assert.equal(pathFrom('a[1]', 'x.log'), 'a[1]/x.log');
    assert.equal(pathFrom('a[1]', '*.log'), 'a[[]1]/*.log');
    assert.equal(pathFrom('.', '*.log'), '*.log');
  });

  test('may repeat a part by an alias', async () => {
    const { sources } = (
      await configured(`
      sources:
        a: &log { type: file, paths: [x.log], format: session-log }
        b: *log`)
    ).configuration;
    assert.deepEqual(sources.get('a'), sources.get('b'));
  });
});
