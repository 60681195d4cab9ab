/**
 * The reconciliation of an input: every record that was read is in exactly one of the others.
 *
 * `read = counted + rejected + duplicate + conflict + late + filtered`. Blank lines are no records.
 */
export interface Books {
  readonly read: number;
  readonly counted: number;
  /** By reason. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly duplicate: number;
  readonly conflict: number;
  readonly late: number;
  /** Outside the asked range, or of somebody who was not asked for. */
  readonly filtered: number;
  /** Bytes behind the end of the range that were not read, if there are such. */
  readonly unread?: number;
}

/** Numbers of rejects, in the order of their reasons: that in which they were met does not show. */
export function byReason(counts: ReadonlyMap<string, number>): Books['rejected'] {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How many records were rejected, for whatever reason. */
export function rejectedTotal(books: Books): number {
  return Object.values(books.rejected).reduce((sum, count) => sum + count, 0);
}

/**
 * Checks that the books balance.
 *
 * @throws Error - A bug in Daybook, never in the input.
 */
export function checkBalance(books: Books): void {
  const { read, counted, duplicate, conflict, late, filtered } = books;
  const found = counted + rejectedTotal(books) + duplicate + conflict + late + filtered;
  if (read !== found) throw new Error(`the books do not balance: ${describeBooks(books)}`);
}

/** The books as one line of text. */
export function describeBooks(books: Books): string {
  const others = (['duplicate', 'conflict', 'late', 'filtered'] as const)
    .filter((name) => books[name] > 0)
    .map((name) => `${books[name]} ${name}`);
  const found = [`${books.counted} counted`, describeRejects(books), ...others].join(' + ');
  const unread = books.unread === undefined ? '' : `; ${books.unread} bytes unread`;
  return `${books.read} read = ${found}${unread}`;
}

/** How many records were rejected, and why. */
export function describeRejects(books: Books): string {
  const reasons = Object.entries(books.rejected).map(([reason, count]) => `${count} ${reason}`);
  return `${rejectedTotal(books)} rejected${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`;
}

/** How many records were found, and what became of them. */
export interface FoundRecords
  extends Pick<Books, 'counted' | 'duplicate' | 'conflict' | 'rejected'> {
  readonly lines: number;
  /** Of these, lines with which no record begins. */
  readonly blank: number;
}

/** The books of what was found in some stretches together. */
export function booksOf(found: readonly FoundRecords[]): Books {
  const rejected = new Map<string, number>();
  for (const some of found)
    for (const [reason, count] of Object.entries(some.rejected))
      rejected.set(reason, (rejected.get(reason) ?? 0) + count);
  const sum = (numberOf: (some: FoundRecords) => number) =>
    found.reduce((total, some) => total + numberOf(some), 0);
  const books = {
    read: sum(({ lines, blank }) => lines - blank),
    counted: sum(({ counted }) => counted),
    rejected: byReason(rejected),
    duplicate: sum(({ duplicate }) => duplicate),
    conflict: sum(({ conflict }) => conflict),
    late: 0,
    filtered: 0,
  };
  checkBalance(books);
  return books;
}
