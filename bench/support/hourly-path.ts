const FIRST_DAY = Date.parse('2021-03-01T00:00:00Z');
const DAY_MS = 86_400_000;

/** Asks for the hours of a random customer of the generated events, on a random day of their 30. */
export function hourlyPath(): string {
  const day = FIRST_DAY + Math.floor(Math.random() * 30) * DAY_MS;
  const [start, end] = [day, day + DAY_MS].map((time) => new Date(time).toISOString());
  const customer = `cust_${Math.floor(Math.random() * 1000)}`;
  return `/hourly?${new URLSearchParams({ customer_id: customer, start: start!, end: end! })}`;
}
