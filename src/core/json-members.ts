const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The members of a JSON object by name, each as it is written; of several called the same, the last.
 *
 * JSON.parse says whether a text is JSON, and no more: it rounds numbers; its reviver, which knows how they are
 * written, recurses, so that how deep an object may be depends on the thread; and in V8 14.6 it takes some escaped
 * names for others that were read before (`{"a":1,"\n":2}` behind `{"a":1,"\\":2}`).
 *
 * @param json - Valid text of an object.
 */
export function membersOf(json: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = blanksEnd(json, blanksEnd(json, 0) + 1);
  while (json.charCodeAt(at) !== CLOSE_BRACE) {
    const nameEnd = stringEnd(json, at);
    const value = blanksEnd(json, blanksEnd(json, nameEnd) + 1);
    const end = valueEnd(json, value);
    members.set(nameOf(json, at, nameEnd), json.slice(value, end));
    at = blanksEnd(json, end);
    if (json.charCodeAt(at) === COMMA) at = blanksEnd(json, at + 1);
  }
  return members;
}

/**
 * The elements of a JSON array, each as it is written.
 *
 * @param json - Valid text of an array.
 */
export function elementsOf(json: string): string[] {
  const elements: string[] = [];
  let at = blanksEnd(json, blanksEnd(json, 0) + 1);
  while (json.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = valueEnd(json, at);
    elements.push(json.slice(at, end));
    at = blanksEnd(json, end);
    if (json.charCodeAt(at) === COMMA) at = blanksEnd(json, at + 1);
  }
  return elements;
}

/** Valid JSON without blanks around its values, and so on one line; all else is as it is written. */
export function compactJson(json: string): string {
  if (!/[ \t\r\n]/.test(json)) return json;
  let compact = '';
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const end = quote < 0 ? json.length : quote;
    compact += json.slice(at, end).replace(/[ \t\r\n]+/g, '');
    at = quote < 0 ? end : stringEnd(json, quote);
    compact += json.slice(end, at);
  }
  return compact;
}

function nameOf(json: string, from: number, to: number): string {
  const name = json.slice(from + 1, to - 1);
  return name.includes('\\') ? JSON.parse(`"${name}"`) : name;
}

function valueEnd(json: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(json, at);
    else if (isDelimiter(code)) {
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
      at++;
    } else while (!isDelimiter(json.charCodeAt(at))) at++;
  } while (depth > 0);
  return at;
}

function stringEnd(json: string, from: number): number {
  let end = from;
  do end = json.indexOf('"', end + 1);
  while (isEscaped(json, end));
  return end + 1;
}

/** Whether an odd number of backslashes stands in front. */
function isEscaped(json: string, at: number): boolean {
  let from = at;
  while (json.charCodeAt(from - 1) === BACKSLASH) from--;
  return (at - from) % 2 === 1;
}

function blanksEnd(json: string, from: number): number {
  let at = from;
  while (isBlank(json.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB || code === NEWLINE || code === RETURN;
}

/** Whether it stands between values or around them. */
function isDelimiter(code: number): boolean {
  const braced = code | 0x20; // brackets, too: they are one bit less
  return (
    braced === OPEN_BRACE ||
    braced === CLOSE_BRACE ||
    code === COMMA ||
    code === COLON ||
    isBlank(code)
  );
}
