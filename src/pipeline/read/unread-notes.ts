import type { Note } from '../../core/table.ts';

/** Says that something was not read, and what makes that right. */
export function unreadNotes(unread: number): Note[] {
  const message = `${unread} bytes behind the range were not read; --max-disorder says how far records may be out of order`;
  return unread > 0 ? [{ code: 'unread', message, bytes: unread }] : [];
}
