/** Every way the tool can fail, with what each front end answers. */
export const FAILURES = {
  USAGE: { exitCode: 2, status: 400 },
  INPUT_REJECTED: { exitCode: 1, status: 422 },
  TOO_MANY_REJECTS: { exitCode: 3, status: 422 },
  SOURCE_UNREADABLE: { exitCode: 1, status: 502 },
  DESTINATION_UNWRITABLE: { exitCode: 1, status: 502 },
  CHECKPOINT_UNUSABLE: { exitCode: 1, status: 500 },
  STORE_UNUSABLE: { exitCode: 1, status: 503 },
  REPORT_FAILED: { exitCode: 1, status: 502 },
  MISMATCH: { exitCode: 4, status: 409 },
  ADDRESS_UNUSABLE: { exitCode: 1, status: 500 },
  SPILL_FAILED: { exitCode: 1, status: 507 },
  INTERRUPTED: { exitCode: 130, status: 503 },
} as const;

/** A failure the user can act on. Anything else that is thrown is a bug. */
export class DaybookError extends Error {
  override readonly name = 'DaybookError';
  readonly code: keyof typeof FAILURES;

  /** Whether another try in a moment may do: a server that is down, a full disk. */
  readonly isTransient: boolean;

  /** The message line by line: one, unless several things are wrong at once. */
  readonly lines: readonly string[];

  /** What that was asked is wrong, as a request for a report names it, where it is one thing. */
  readonly field: string | undefined;

  /** @param message - What failed, on what, and what to try; one line, or those in `lines`. */
  constructor(
    code: keyof typeof FAILURES,
    message: string,
    options?: ErrorOptions & {
      readonly lines?: readonly string[];
      readonly isTransient?: boolean;
      readonly field?: string | undefined;
    },
  ) {
    super(message, options);
    this.code = code;
    this.field = options?.field;
    this.isTransient = options?.isTransient ?? false;
    this.lines = options?.lines ?? [message];
  }
}

/** Reads what was asked under a name: a failure to do so is said to be of that. */
export function readField<Value>(field: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DaybookError)) throw error;
    throw new DaybookError(error.code, error.message, { cause: error, field });
  }
}

/** The system's own code of an error (`ENOENT`, `ENOSPC`, …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What a run that was stopped through a signal fails with. */
export function interruption(signal: AbortSignal): DaybookError {
  return new DaybookError('INTERRUPTED', 'interrupted', { cause: signal.reason });
}

/** @throws DaybookError `INTERRUPTED`, if the signal says so. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruption(signal);
}
