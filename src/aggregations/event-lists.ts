import type { Aggregation } from '../core/aggregation.ts';
import { type EventField, EventList, type SavedEvents } from '../core/event-list.ts';

/** The events themselves, with the columns that are named: for a store, which counts them itself. */
export function eventLists({
  fields,
}: {
  readonly fields: readonly EventField[];
}): Aggregation<EventList, EventList> {
  return {
    zero: () => new EventList(fields),
    add: (list, batch) => list.append(batch),
    merge() {
      throw new Error('lists of events are kept one by one');
    },
    finish: (list) => list,
    save: (list) => list.save(),
    load: (saved) => EventList.load(saved as SavedEvents),
  };
}
