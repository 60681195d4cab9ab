import { describe } from 'node:test';
import { archiveSuite } from '../support/archive-suite.ts';
import { openBucket } from '../support/bucket.ts';
import { needsS3 } from '../support/s3-server.ts';

describe('s3Archive', needsS3(), () => {
  describe('at once', () => {
    archiveSuite(
      () => openBucket(),
      (key) => [key],
    );
  });

  describe('in parts', () => {
    archiveSuite(
      () => openBucket({ mostBytesAtOnce: 1, partBytes: 5 * 2 ** 20 }),
      (key, run) => [key, `${key}.parts/${run}`],
    );
  });
});
