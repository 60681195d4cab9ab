import { Packer, Unpacker } from './packed.ts';
import type { Day } from './rollup-day.ts';

/** Events of a subject in each hour of a UTC day, of all types. */
export type HourTotals = Float64Array<ArrayBuffer>;

const HOURS = 24;
const MINUTES = 60;

const packer = new Packer();

/** A day without events. */
export function noTotals(): HourTotals {
  return new Float64Array(HOURS);
}

/** Adds the events of a day of minutes. */
export function addMinutes(totals: HourTotals, { minute, count }: Day): void {
  for (let i = 0; i < minute.length; i++) totals[Math.floor(minute[i]! / MINUTES)]! += count[i]!;
}

/** A day as bytes. */
export function packTotals(totals: HourTotals): Uint8Array<ArrayBuffer> {
  packer.clear();
  packer.numbers(totals, 0, HOURS);
  packer.seal();
  return new Uint8Array(packer.bytes); // a copy: what the packer has is a view
}

const unpacked = noTotals();

/**
 * Adds a packed day to numbers by the hour, of which the day's first one has a place that may lie outside.
 *
 * @throws Damaged
 */
export function addPackedTotals(bytes: Uint8Array, into: Float64Array, first = 0): void {
  const unpacker = new Unpacker(bytes);
  unpacker.checkSeal();
  unpacker.numbers(unpacked, HOURS);
  const end = Math.min(HOURS, into.length - first);
  for (let hour = Math.max(0, -first); hour < end; hour++) into[first + hour]! += unpacked[hour]!;
}
