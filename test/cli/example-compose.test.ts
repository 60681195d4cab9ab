import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly volumes?: readonly string[];
  readonly entrypoint?: string;
}

const EXAMPLE = join(import.meta.dirname, '../../examples/active-users');

/** Whether this is what docker makes of it is not shown here: that takes docker. */
describe('the servers of the example in docker-compose.yml', () => {
  const { services } = parse(readFileSync(join(EXAMPLE, 'docker-compose.yml'), 'utf8')) as {
    readonly services: Readonly<Record<'platform' | 'learning' | 's3', Service>>;
  };
  const env = parseEnv(readFileSync(join(EXAMPLE, '.env.example'), 'utf8'));
  const { platform, learning, s3 } = services;
  const portOf = ({ ports }: Service) => ports[0]!.split(':')[1];

  test('are those that .env.example names', () => {
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = platform.environment;
    const { MARIADB_USER, MARIADB_PASSWORD, MARIADB_DATABASE } = learning.environment;
    assert.equal(
      env['PLATFORM_URL'],
      `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@localhost:${portOf(platform)}/${POSTGRES_DB}`,
    );
    assert.equal(
      env['LEARNING_URL'],
      `mysql://${MARIADB_USER}:${MARIADB_PASSWORD}@localhost:${portOf(learning)}/${MARIADB_DATABASE}`,
    );
    assert.equal(env['S3_ENDPOINT'], `http://localhost:${portOf(s3)}`);
    assert.equal(env['S3_KEY_ID'], s3.environment['MINIO_ROOT_USER']);
    assert.equal(env['S3_SECRET_KEY'], s3.environment['MINIO_ROOT_PASSWORD']);
    assert.match(s3.entrypoint!, new RegExp(`mkdir -p /data/${env['REPORTS_BUCKET']} `));
  });

  test('are open to this machine only, and find their tables', () => {
    for (const service of [platform, learning, s3])
      for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:/);
    for (const service of [platform, learning]) {
      const [volume] = service.volumes!;
      assert.ok(existsSync(join(EXAMPLE, volume!.split(':')[0]!)));
    }
  });
});
