import type { EventBatch } from '../core/event-batch.ts';
import { membersOf } from '../core/json-members.ts';
import type { TextColumn } from '../core/text-column.ts';
import type { CsvTimeOptions } from './csv-time.ts';
import { CsvValue } from './csv-value.ts';
import { isNumber, JsonField, textOf } from './json-field.ts';
import { JsonTime } from './json-time.ts';

/** Which members of its objects make an event: by name, or by the way to them, such as `data.user.id`. */
export interface JsonColumns {
  /** `subject`, unless said. */
  readonly subject?: string | undefined;
  /** `time`, unless said. */
  readonly time?: string | undefined;
  /** `type`, unless said. Events may have none: theirs is the empty name. */
  readonly type?: string | undefined;
  /** Unless said, `source` and `id` of a CloudEvent, which are its identity together; other events have none. */
  readonly id?: string | undefined;
  /** None, unless said. */
  readonly value?: string | undefined;
}

/** What events as JSON leave open. */
export interface JsonEventOptions extends CsvTimeOptions {
  readonly columns: JsonColumns;
  /** Whether the member `data` is kept as it is written; it is not, unless said. */
  readonly data?: boolean | undefined;
}

const SPACE = 0x20;
const DELETE = 0x7f;
const NO_BYTES = new Uint8Array(0);
/** Greater exponents leave nothing that fits 64 bits and 18 places. */
const MOST_EXPONENT = 40;

/** Reads events from JSON objects. */
export class JsonEvent {
  readonly #subject: JsonField;
  readonly #time: JsonField;
  readonly #type: JsonField;
  readonly #id: JsonField | undefined;
  readonly #value: JsonField | undefined;
  readonly #keepsData: boolean;
  readonly #times: JsonTime;
  readonly #values: CsvValue = new CsvValue();

  constructor({ columns, data = false, timeUnit, zone }: JsonEventOptions) {
    this.#subject = new JsonField(columns.subject ?? 'subject');
    this.#time = new JsonField(columns.time ?? 'time');
    this.#type = new JsonField(columns.type ?? 'type');
    this.#id = columns.id === undefined ? undefined : new JsonField(columns.id);
    this.#value = columns.value === undefined ? undefined : new JsonField(columns.value);
    this.#keepsData = data;
    this.#times = new JsonTime({ timeUnit, zone });
  }

  /**
   * Adds the event of an object to the batch, but for its place.
   *
   * @param json - Valid text of an object.
   * @returns Why it is no event, if so.
   */
  read(json: string, batch: EventBatch): string | undefined {
    const members = membersOf(json);
    const subject = textOf(this.#subject.sourceIn(members));
    if (!subject || hasControl(subject)) return 'subject';
    const time = this.#times.read(textOf(this.#time.sourceIn(members)));
    if (typeof time === 'string') return time;
    const type = textOf(this.#type.sourceIn(members));
    if (type === undefined) return 'type';
    const value = this.#value && this.#valueOf(this.#value.sourceIn(members));
    if (this.#value && value === undefined) return 'value';
    const id = this.#idOf(members);
    if (id === undefined) return 'id';
    // UTF-16 that is not UTF-8: as replacement characters, two names could become one.
    for (const text of [subject, type, id]) if (text?.isWellFormed() === false) return 'encoding';
    const data = this.#keepsData ? members.get('data') : undefined;
    if (data?.isWellFormed() === false) return 'encoding';
    addText(batch.id, batch.length, id);
    addText(batch.data, batch.length, data ?? null);
    const i = batch.length++;
    batch.time[i] = time;
    batch.subject[i] = idOfName(batch, subject);
    batch.type[i] = idOfName(batch, type ?? '');
    if (value === undefined) return undefined;
    batch.value[i] = value;
    batch.scale[i] = this.#values.places;
    return undefined;
  }

  /** Null if it has none, undefined if that is no id. */
  #idOf(members: ReadonlyMap<string, string>): string | null | undefined {
    if (this.#id) return textOf(this.#id.sourceIn(members)) || undefined;
    if (textOf(members.get('specversion')) !== '1.0') return null;
    const [source, id] = [textOf(members.get('source')), textOf(members.get('id'))];
    return source && id ? cloudEventId(source, id) : undefined;
  }

  #valueOf(source: string | undefined): bigint | undefined {
    const text = source && isNumber(source) ? withoutExponent(source) : textOf(source);
    if (!text) return undefined;
    const bytes = Buffer.from(text);
    return this.#values.readLong(bytes, 0, bytes.length);
  }
}

/** The identity of a CloudEvent. */
export function cloudEventId(source: string, id: string): string {
  return JSON.stringify([source, id]);
}

/** Whether a text has characters that no name has. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < SPACE || code === DELETE) return true;
  }
  return false;
}

function idOfName({ names }: EventBatch, name: string): number {
  const bytes = Buffer.from(name);
  return names.add(bytes, 0, bytes.length);
}

/** Adds a text of the next event, if it has one. The column stays empty as long as no event has one. */
function addText(texts: TextColumn, before: number, text: string | null): void {
  if (text === null && texts.length === 0) return;
  while (texts.length < before) texts.append(NO_BYTES, 0, 0);
  const bytes = text === null ? NO_BYTES : Buffer.from(text);
  texts.append(bytes, 0, bytes.length);
}

/** A number of JSON with its digits moved instead: `1.5e3` as `1500`. Undefined if it would be far too long. */
function withoutExponent(number: string): string | undefined {
  const [mantissa = '', power] = number.split(/e/i);
  if (power === undefined) return number;
  const shift = Number(power);
  if (Math.abs(shift) > MOST_EXPONENT) return undefined;
  const [, sign, whole = '', fraction = ''] = /^(-?)([0-9]+)[.]?([0-9]*)$/.exec(mantissa)!;
  const front = whole.padStart(whole.length - Math.min(shift, 0), '0');
  const digits = front + fraction.padEnd(shift, '0');
  const point = front.length + shift;
  return `${sign}${digits.slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ''}`;
}
