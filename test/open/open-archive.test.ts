import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  type DestinationSettings,
  destinationSchema,
} from '../../src/config/destination-schema.ts';
import { checkShape } from '../../src/config/shape-problems.ts';
import { checkConfiguration } from '../../src/open/check-configuration.ts';
import { fixedFolderOf, openArchive } from '../../src/open/open-archive.ts';
import { by, renderedReports } from '../support/archive-suite.ts';
import { filesOf } from '../support/bill.ts';

const BUCKET = { type: 's3', bucket: 'reports', key: 'a/{as_of}.csv' };

describe('openArchive', () => {
  const reports = renderedReports();

  test('opens a bucket without asking it', async () => {
    const settings = { ...shapeOf({ ...BUCKET, overwrite: 'true' }) };
    const { archive, keyTemplate, overwrite } = openArchive(settings);
    assert.equal(keyTemplate, 'a/{as_of}.csv');
    assert.equal(overwrite, true);
    assert.equal(archive.locationOf('a/2021-03-01.csv'), 's3://reports/a/2021-03-01.csv');
    await archive.close();
  });

  test('opens the folder that is the same for each run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
    for (const [path, template] of [
      ['r.csv', 'r.csv'],
      ['{year}/r-{as_of}.csv', '{year}/r-{as_of}.csv'],
      ['sub/r-{as_of}.csv', 'r-{as_of}.csv'],
    ] as const) {
      mkdirSync(join(folder, 'sub'), { recursive: true });
      const opened = openArchive(shapeOf({ type: 'file', path: join(folder, path) }));
      assert.equal(opened.keyTemplate, template);
      const key = template.replace('{year}', '2021').replace('{as_of}', '2021-03-01');
      await opened.archive.put(reports.of(`${key}\n`), key, by('r'));
      const location = opened.archive.locationOf(key);
      assert.equal(readFileSync(location, 'utf8'), `${key}\n`);
      assert.ok(location.startsWith(`${folder}/`));
    }
    rmSync(folder, { recursive: true });
  });

  for (const [path, folder] of [
    ['r.csv', ''],
    ['{as_of}.csv', ''],
    ['/{as_of}.csv', '/'],
    ['/a/b/{year}/c/r.csv', '/a/b/'],
    ['a/b{year}/c', 'a/'],
  ] as const) {
    test(`keeps to ${JSON.stringify(folder)} for ${path}`, () => {
      assert.equal(fixedFolderOf(path), folder);
    });
  }
});

describe('a destination', () => {
  for (const [settings, problem] of [
    [{ ...BUCKET, endpoint: 's3.example.com' }, 'expected a URL such as https://s3.example.com'],
    [{ ...BUCKET, bucket: 'reports/2021' }, 'expected the name of a bucket'],
    [{ ...BUCKET, path_style: 'perhaps' }, 'expected true or false'],
    [
      { ...BUCKET, access_key_id: 'AK' },
      'expected secret_access_key, too, or neither: then variables and roles are asked',
    ],
    [
      { ...BUCKET, secret_access_key: 'SK' },
      'expected access_key_id, too, or neither: then variables and roles are asked',
    ],
    [
      { ...BUCKET, acces_key_id: 'AK' },
      'unknown key "acces_key_id"; did you mean "access_key_id"?',
    ],
    [{ type: 'file', path: 'r.csv', bucket: 'b' }, 'unknown key "bucket"'],
  ] as const) {
    test(`is refused as ${JSON.stringify(settings)}`, () => {
      const { problems } = checkShape(destinationSchema, settings);
      assert.deepEqual(
        problems.map(({ message }) => message),
        [problem],
      );
    });
  }

  test('shows no secret', () => {
    const { effective } = checked(
      '{ type: s3, bucket: reports, key: k, access_key_id: AK, secret_access_key: sesame }',
    );
    assert.match(effective, /access_key_id: AK/);
    assert.match(effective, /secret_access_key: "\*\*\*"/);
    assert.doesNotMatch(effective, /sesame/);
  });

  test('needs the folder that is the same for each run', () => {
    checked('{ type: file, path: "{year}/{as_of}.csv" }');
    assert.throws(() => checked('{ type: file, path: "reports/{year}/{as_of}.csv" }'), {
      message: /reports\.r\.destination\.path: there is no folder .*reports[/]?;/,
    });
  });
});

function shapeOf(settings: unknown): DestinationSettings {
  const { shape, problems } = checkShape(destinationSchema, settings);
  assert.deepEqual(problems, []);
  return shape!;
}

/** A configuration with a report that goes there. */
function checked(destination: string) {
  using files = filesOf({
    'daybook.yaml': `
databases: { d: { type: mysql, url: mysql://h/d } }
reports:
  r:
    type: activity
    subjects: { database: d, table: t, key: k }
    activity: { database: d, table: t, key: k, time: t }
    destination: ${destination}
`,
  });
  return checkConfiguration(files.paths[0]!, {});
}
