import { DaybookError } from './errors.ts';
import { DAY, quote, SECOND } from './time.ts';

/** Lengths of units; of a month, where no calendar reaches. */
const UNIT_MS = { s: SECOND, m: 60 * SECOND, h: DAY / 24, d: DAY, w: 7 * DAY, mo: 30 * DAY };
const CALENDAR_UNITS = { d: 'days', w: 'weeks', mo: 'months' } as const;

/** Windows that a calendar counts. */
export type CalendarUnit = (typeof CALENDAR_UNITS)[keyof typeof CALENDAR_UNITS];

/** The length of windows, and the unit of the calendar they are, if they are one. */
export interface Interval {
  readonly stepMs: number;
  readonly unit?: CalendarUnit;
}

/**
 * Reads how long windows are to be.
 *
 * @throws DaybookError `USAGE` - There are no such windows.
 */
export function parseInterval(every: string, align: 'clock' | 'first'): Interval {
  const [, digits, name] = /^([0-9]+)(s|m|h|d|w|mo)$/.exec(every) ?? [];
  const unit = name as keyof typeof UNIT_MS | undefined;
  const stepMs = unit === undefined ? 0 : Number(digits) * UNIT_MS[unit];
  if (align === 'first') {
    if (stepMs > 0 && Number.isSafeInteger(stepMs) && unit !== 'mo') return { stepMs };
    throw new DaybookError(
      'USAGE',
      `${quote(every)} is no interval from the first record on; write one such as 10s, 15m, 6h, 1d or 2w`,
    );
  }
  if (stepMs > 0 && stepMs < DAY && DAY % stepMs === 0) return { stepMs };
  if (unit !== undefined && unit in CALENDAR_UNITS && stepMs === UNIT_MS[unit]) {
    return { stepMs, unit: CALENDAR_UNITS[unit as keyof typeof CALENDAR_UNITS] };
  }
  throw new DaybookError(
    'USAGE',
    `${quote(every)} is no interval of the clock; write a divisor of a day, such as 10s, 15m or 6h, or 1d, 1w or 1mo`,
  );
}
