import fc from 'fast-check';

/** A kind of log in `STREAMS`. */
export type LogKind = 'csv' | 'ids' | 'connections' | 'sessions';

const START = Date.UTC(2021, 2, 1, 12);
const NAMES = ['ant', 'bee', 'constructor', '__proto__', '10'];

/** Bytes of a log: records, and what is none, with any line ends and without the last. */
export function arbitraryLogText(kind: LogKind, maxLength = 25): fc.Arbitrary<Buffer> {
  const lines = fc.array(fc.tuple(lineOf(kind), fc.constantFrom('\n', '\n', '\n', '\r\n')), {
    maxLength,
  });
  const beginning = fc.constantFrom('', '', '\ufeff', kind === 'csv' ? 'who,what,much,when\n' : '');
  return fc.tuple(beginning, lines, fc.boolean()).map(([begin, parts, ended]) =>
    Buffer.from(
      begin +
        parts
          .flat()
          .join('')
          .slice(0, ended ? undefined : -1),
    ),
  );
}

function lineOf(kind: LogKind): fc.Arbitrary<string> {
  const name = fc.constantFrom(...NAMES);
  const time = fc.oneof(
    fc.nat(600_000).map((ms) => START + ms),
    fc.integer({ min: -400, max: 4000 }).map((days) => START + days * 86_400_000),
  );
  const junk = fc.constantFrom('', ' ', 'junk', '"', 'a"b,c', ',,,', 'ü\u{1f600}', '\0');
  const line =
    kind === 'connections'
      ? fc.tuple(time, name, name).map((fields) => fields.join(' '))
      : kind === 'sessions'
        ? fc
            .tuple(fc.nat(86_399), name, fc.constantFrom('Start', 'End'))
            .map(([second, ...fields]) =>
              [new Date(second * 1000).toISOString().slice(11, 19), ...fields].join(' '),
            )
        : fc
            .tuple(
              fc.oneof(name, fc.constantFrom('"élan ""x"', '"two\nlines"')),
              fc.constantFrom('login', 'logout', '""'),
              kind === 'ids'
                ? fc.nat(30).map((id) => `id-${id}`)
                : fc.constantFrom('1', '-2.50', '0.000000000000000001', '9007199254740993'),
              time,
            )
            .map((cells) => cells.join(','));
  return fc.oneof({ weight: 6, arbitrary: line }, { weight: 1, arbitrary: junk });
}
