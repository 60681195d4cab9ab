import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import type { Committed, Store } from '../../src/core/store.ts';
import { commitOf, EVERY_FIELD, rejectBehind, type TestRow } from './commits.ts';

/** Something done to a store: with an input that is picked among those that are there. */
interface Step {
  readonly what: 'new' | 'grow' | 'rest' | 'replace' | 'withdraw' | 'misplaced';
  readonly pick: number;
  readonly rows: readonly TestRow[];
  readonly reject: boolean;
}

/** Any sequence of commits, of few subjects, ids and days, so that they meet; and of any numbers that can be. */
export function arbitrarySteps(): fc.Arbitrary<Step[]> {
  const time = fc.oneof(
    fc.integer({ min: -100_000, max: 200_000 }),
    fc.constantFrom(59_999, 60_000, 86_399_999, 86_400_000, -1, 2 ** 53, -(2 ** 53)),
    fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
  );
  const name = fc.constantFrom('ant', 'constructor', '__proto__', '', 'a\0b', 'élan');
  const row = fc.record({
    time,
    subject: fc.oneof(name, fc.uint8Array({ minLength: 1, maxLength: 3 })),
    ...{ type: name, object: name, kind: fc.constantFrom(0, 1) },
    value: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constant(1n)),
    scale: fc.nat(18),
    id: fc.oneof(
      fc.constantFrom('', '', '1', '2', '3', '0190c3f5-7c1e-7aaa-8bbb-0123456789ab'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    data: fc.constantFrom('', '', '{"a":1}', 'é'),
  });
  const step = fc.record({
    what: fc.constantFrom(
      ...(['new', 'new', 'grow', 'grow', 'rest', 'replace', 'withdraw', 'misplaced'] as const),
    ),
    pick: fc.nat(),
    rows: fc.array(row, { maxLength: 8 }),
    reject: fc.boolean(),
  });
  return fc.array(step, { maxLength: 12 });
}

/** Takes a step. Returns what became of it, without ids. */
export async function take(store: Store, step: Step, index: number): Promise<unknown> {
  const { what, pick, rows } = step;
  const inputs = await store.inputs(EVERY_FIELD.name);
  const picked = what === 'new' ? undefined : inputs[pick % inputs.length];
  try {
    if (what === 'withdraw') {
      if (picked) await store.withdraw(picked.id);
      return undefined;
    }
    const isNew = what === 'replace' || picked === undefined;
    const settled = isNew ? 0 : picked.settled.position;
    const from = what === 'misplaced' ? settled + 1 : settled;
    const committed = await store.commit(
      commitOf(rows, {
        ...{ input: isNew ? undefined : picked.id, from, isRest: what === 'rest' },
        ...{ name: `${index}.csv`, decoder: { index } },
        replaces: what === 'replace' ? picked?.id : undefined,
        rejects: step.reject ? [rejectBehind(rows.length, from)] : [],
      }),
    );
    return booksOf(committed);
  } catch (error) {
    if (error instanceof DaybookError) return error.message;
    throw error;
  }
}

function booksOf({ counted, duplicate, conflict }: Committed): object {
  return { counted, duplicate, conflict };
}
