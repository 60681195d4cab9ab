import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import type { Committed, Store } from '../../src/core/store.ts';
import { commitOf, EVERY_FIELD, listOf, ROW_BYTES, rejectBehind, type TestRow } from './commits.ts';

const WHATS = [
  ...(['new', 'new', 'new', 'grow', 'grow', 'rest', 'rest', 'replace', 'withdraw'] as const),
  ...(['misplaced', 'prune', 'amend', 'rename', 'finish', 'erase'] as const),
];

/** Something done to a store: with an input that is picked among those that are there. */
interface Step {
  readonly what: (typeof WHATS)[number];
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
    what: fc.constantFrom(...WHATS),
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
    if (what === 'prune' && store.keep === 'rollups') return undefined; // has nothing to forget
    if (what === 'prune')
      return await store.prune(EVERY_FIELD.name, ((pick % 6) - 2) * 60_000, step.reject);
    if (what === 'erase')
      // One of rollups does not know how many there were.
      return store.keep === 'events' && (await store.erase(['ant', 'élan', ''][pick % 3]!));
    if (what === 'rename' || what === 'finish') {
      if (picked) await store[what](picked.id, `${index}.csv`);
      return undefined;
    }
    if (what === 'amend') return await amended(store, picked?.id, rows);
    const isNew = what === 'replace' || picked === undefined;
    const settled = isNew ? 0 : picked.settled.position;
    const from = what === 'misplaced' ? settled + 1 : settled;
    const committed = await store.commit(
      commitOf(rows, {
        ...{ input: isNew ? undefined : picked.id, from, isRest: what === 'rest' },
        ...{ name: `${index}.csv`, decoder: { index }, isUnfinished: pick % 2 === 1 },
        replaces: what === 'replace' && picked ? [picked.id] : [],
        isReplacing: what === 'replace' && pick % 3 === 0,
        rejects: step.reject ? [rejectBehind(rows.length, from)] : [],
      }),
    );
    return booksOf(committed);
  } catch (error) {
    if (error instanceof DaybookError) return error.message;
    throw error;
  }
}

/** Makes an event of the reject at the end of an input, if there is one. */
async function amended(
  store: Store,
  input: number | undefined,
  rows: readonly TestRow[],
): Promise<unknown> {
  const segment = input === undefined ? undefined : (await store.segments(input)).at(-1);
  if (segment === undefined) return undefined;
  const offset = segment.to - ROW_BYTES;
  const rejects = await Array.fromAsync(store.rejects(segment.id));
  const events = listOf(EVERY_FIELD.fields, rows.slice(0, 1), offset);
  events.columns.line[0] = rejects.find((reject) => reject.offset === offset)?.line ?? 1;
  return store.amend(EVERY_FIELD, { segment: segment.id, events });
}

function booksOf({ counted, duplicate, conflict }: Committed): object {
  return { counted, duplicate, conflict };
}
