import { bill } from './bill.ts';
import { connections } from './connections.ts';
import { counts } from './counts.ts';
import { erasure } from './erasure.ts';
import { events } from './events.ts';
import { health } from './health.ts';
import { hourly } from './hourly.ts';
import { inputs } from './inputs.ts';
import { meters } from './meters.ts';
import { rejects } from './rejects.ts';
import { reports } from './reports.ts';
import { runs } from './runs.ts';
import { stream } from './stream.ts';

/** The routes by what they are about. */
export const routes = {
  health,
  counts,
  hourly,
  meters,
  bill,
  connections,
  inputs,
  rejects,
  reports,
  runs,
  events,
  erasure,
  stream,
};
