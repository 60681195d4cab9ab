import assert from 'node:assert/strict';
import { DaybookError } from '../../src/core/errors.ts';

/** A failure of the user, told in one short line. */
export function refused(parse: () => unknown, message: RegExp): void {
  assert.throws(parse, (error) => {
    assert.ok(error instanceof DaybookError && error.code === 'USAGE');
    assert.match(error.message, message);
    assert.ok(error.message.length < 250 && !error.message.includes('\n'));
    return true;
  });
}
