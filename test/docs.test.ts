import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { jsonSchema } from '../src/config/configuration-schema.ts';
import { MANUAL, manual } from '../tools/manual.ts';
import { API, apiReference, CLI, cliReference, SCHEMA } from '../tools/reference.ts';

const OUTDATED = 'run npm run docs, and look at what changed';

describe('the documentation', () => {
  for (const [path, render] of [
    [MANUAL, manual],
    [API, apiReference],
    [CLI, cliReference],
    [SCHEMA, jsonSchema],
  ] as const) {
    test(`in ${path.slice(path.indexOf('docs/'))} is up to date`, () => {
      const current = render();
      assert.ok(readFileSync(path, 'utf8') === current, OUTDATED);
    });
  }
});
