import { isUtf8 } from 'node:buffer';
import { MAX_RECORD_BYTES } from '../core/decoder.ts';
import { DaybookError } from '../core/errors.ts';
import { compactJson, elementsOf, membersOf } from '../core/json-members.ts';
import type {
  PostedBody,
  PostedEvent,
  PostedForm,
  PostedProblem,
  ReadPosted,
} from '../core/posted-events.ts';
import { cloudEventId, hasControl } from './json-event.ts';
import { textOf } from './json-field.ts';
import { JsonTime } from './json-time.ts';

/** More are to be sent in several requests. */
const MOST_EVENTS = 65_536;
const NAMES = ['id', 'source', 'type', 'subject'] as const;
const times = new JsonTime({ timeUnit: 'ms' });

/**
 * Reads CloudEvents 1.0 that were sent, each with a subject: whose usage it is.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export const readPosted: ReadPosted = (bytes, form, arrived): PostedBody => {
  if (!isUtf8(bytes)) throw new DaybookError('USAGE', 'the body is not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const { sources, isOne, values } = form === 'lines' ? linesOf(text) : valuesOf(text, form);
  if (sources.length > MOST_EVENTS)
    throw new DaybookError(
      'USAGE',
      `the body has ${sources.length} events; send at most ${MOST_EVENTS} at a time`,
    );
  const pointerOf = (index: number) => (isOne ? '' : `/${index}`);
  const problems: PostedProblem[] = [];
  const events = sources.map((source, index) => {
    const usual = values && usualEvent(values[index], source, arrived);
    if (usual) return usual;
    const place = pointerOf(index);
    const refuse = (name: string, detail: string) =>
      problems.push({ pointer: name === '' ? place : `${place}/${name}`, detail });
    return eventOf(source, { arrived, isChecked: form !== 'lines' }, refuse);
  });
  return { events, problems, pointerOf };
};

/** Texts that may be events. */
interface Sources {
  readonly sources: readonly string[];
  /** Whether the body is the event itself. */
  readonly isOne: boolean;
  /** The values that they are, where `JSON.stringify` makes just these texts of them. */
  readonly values?: readonly unknown[];
}

function linesOf(text: string): Sources {
  return { sources: text.split('\n').filter((line) => !/^[ \t\r]*$/.test(line)), isOne: false };
}

/** @throws DaybookError `USAGE` */
function valuesOf(text: string, form: Exclude<PostedForm, 'lines'>): Sources {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // V8 tells no place where the text is over too soon.
    const { message } = error as Error;
    const place = message.endsWith('end of JSON input') ? ` at position ${text.length}` : '';
    throw new DaybookError('USAGE', `the body is not JSON: ${message}${place}`);
  }
  if (Array.isArray(value) && form !== 'object') {
    const sources = value.map(jsonOf);
    if (sources.every((source) => source !== undefined) && `[${sources.join()}]` === text)
      return { sources, isOne: false, values: value };
    return { sources: elementsOf(text), isOne: false };
  }
  if (form !== 'array' && !Array.isArray(value)) return { sources: [text], isOne: true };
  throw new DaybookError(
    'USAGE',
    `the body is to be ${form === 'array' ? 'an array' : 'one event'}`,
  );
}

/**
 * The event that a value is, if all is right with it: the quick way for what programs send. Since its text is just what is
 * made of the value, no number was rounded, and no member stands twice.
 */
function usualEvent(value: unknown, json: string, arrived: number): PostedEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { specversion, id, source, type, subject, time: timed, data } = value as PostedValue;
  if (specversion !== '1.0' || !(isName(id) && isName(source) && isName(type) && isName(subject)))
    return undefined;
  const isUntimed = timed === undefined || timed === null;
  const time = isUntimed ? arrived : typeof timed === 'string' ? times.read(timed) : 'time';
  if (hasControl(subject) || typeof time === 'string') return undefined;
  const line = lineOf(json, isUntimed ? arrived : undefined);
  const kept = data === undefined ? '' : jsonOf(data);
  if (line.length > MAX_RECORD_BYTES || kept === undefined) return undefined;
  return { line, time, isUntimed, subject, type, id: cloudEventId(source, id), data: kept };
}

type PostedValue = Readonly<
  Record<(typeof NAMES)[number] | 'specversion' | 'time' | 'data', unknown>
>;

/** A value as JSON; undefined for one that is too deep for it. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

/** The event that a text is; otherwise what is wrong with it is told. */
function eventOf(
  source: string,
  { arrived, isChecked }: { readonly arrived: number; readonly isChecked: boolean },
  refuse: (name: string, detail: string) => void,
): PostedEvent | undefined {
  const problem = isChecked ? undefined : problemOf(source);
  if (problem !== undefined || !/^[ \t\r\n]*\{/.test(source)) {
    refuse('', problem ?? 'expected an object');
    return undefined;
  }
  const members = membersOf(source);
  let isRight = textOf(members.get('specversion')) === '1.0';
  if (!isRight) refuse('specversion', 'expected "1.0"');
  const named = {} as Record<(typeof NAMES)[number], string>;
  for (const name of NAMES) {
    const detail = nameProblem(members.get(name), name === 'subject');
    if (detail !== undefined) refuse(name, detail);
    isRight &&= detail === undefined;
    if (detail === undefined) named[name] = textOf(members.get(name))!;
  }
  const timed = members.get('time') ?? 'null';
  const isUntimed = timed === 'null';
  const time = isUntimed ? arrived : timed.startsWith('"') ? times.read(textOf(timed)) : 'time';
  if (typeof time === 'string')
    refuse(
      'time',
      `expected a time as RFC 3339 has it, ${time === 'time' ? 'such as 2021-03-01T12:00:00Z' : 'with its zone'}`,
    );
  if (!isRight || typeof time === 'string') return undefined;
  const line = lineOf(compactJson(source), isUntimed ? arrived : undefined);
  if (line.length > MAX_RECORD_BYTES) {
    refuse('', `longer than ${MAX_RECORD_BYTES} bytes`);
    return undefined;
  }
  const { id, source: origin, type, subject } = named;
  const data = compactJson(members.get('data') ?? '');
  return { line, time, isUntimed, subject, type, id: cloudEventId(origin, id), data };
}

function problemOf(json: string): string | undefined {
  try {
    JSON.parse(json);
    return undefined;
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
}

function nameProblem(source: string | undefined, isSubject: boolean): string | undefined {
  const text = source?.startsWith('"') ? textOf(source) : undefined;
  if (!text) return 'expected a text that is not empty';
  // As a replacement character, two names could become one.
  if (!text.isWellFormed()) return 'expected characters, not halves of such';
  return isSubject && hasControl(text) ? 'expected a name without control characters' : undefined;
}

/** An event as it is kept: on one line, and with a time. */
function lineOf(json: string, time: number | undefined): Uint8Array {
  if (time === undefined) return Buffer.from(`${json}\n`);
  // Of several members of one name the last one counts.
  return Buffer.from(`${json.slice(0, -1)},"time":"${new Date(time).toISOString()}"}\n`);
}
