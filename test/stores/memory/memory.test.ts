import { describe } from 'node:test';
import { memory } from '../../../src/stores/memory/memory.ts';
import { storeSuite } from '../../support/store-suite.ts';

describe('memory', () => {
  storeSuite(async (keep) => {
    const store = memory({ keep });
    return { store, [Symbol.asyncDispose]: () => store.close() };
  });
});
