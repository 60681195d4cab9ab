/** A CloudEvent as it is posted. */
export interface PostedRow {
  readonly specversion: '1.0';
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: { readonly tokens: number; readonly model: string };
}

export const BODY_EVENTS = 100;
export const CUSTOMERS = 1024;

const FIRST_TIME = Date.parse('2024-01-01T00:00:00Z');

/** An event of one of 1,024 customers, ten a second, with an id as random as a UUID. */
export function eventOf(index: number): PostedRow {
  const scattered = (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return {
    specversion: '1.0',
    source: '/api/gateway',
    id: `${scattered}-${index.toString(16).padStart(4, '0')}-4aaa-8bbb-${scattered}cafe`,
    type: index % 3 === 0 ? 'prompt' : 'completion',
    subject: `customer_${customerOf(index)}`,
    time: new Date(timeOf(index)).toISOString(),
    data: { tokens: index % 4096, model: 'large' },
  };
}

/** The number of the customer whose event it is. */
export function customerOf(index: number): number {
  return Math.imul(index, 0x85ebca6b) >>> 22;
}

/** When an event was, ms since the epoch: later than those before. */
export function timeOf(index: number): number {
  return FIRST_TIME + index * 100;
}
