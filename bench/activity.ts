/**
 * Measures `daybook report` of two databases beside what the databases themselves take for the same two queries, and
 * beside the usual way, users in chunks. Prints a Markdown table.
 *
 * Usage: node activity.ts [--users NUMBER] [--completions NUMBER] [--rounds NUMBER] [--data FOLDER]
 *
 * Starts PostgreSQL and MariaDB for it, which are filled anew. Where the usual way gives another report it is an error.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { activityConfiguration, activityQueries, FIRST_DATE } from './activity/queries.ts';
import { activityServers, LAST_DATE } from './activity/servers.ts';
import { daybook } from './support/daybook.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { type Command, type Measurement, measure } from './support/measure.ts';
import { median } from './support/median.ts';
import { wholeNumber } from './support/whole-number.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    completions: { type: 'string', default: '30000000' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
});
const { data } = values;
mkdirSync(data, { recursive: true });
process.stdout.write(`${describeMachine()}.\n\n`);
const { platform, learning } = await activityServers(
  wholeNumber('--users', values.users),
  wholeNumber('--completions', values.completions),
);
const config = join(data, 'activity.yaml');
writeFileSync(config, activityConfiguration(platform, learning));
const queries = await activityQueries();
const report = join(data, 'activity.csv');
const script = join(import.meta.dirname, 'activity/usual.ts');

/** Both at once, as daybook asks them. */
const OWN = `psql -qAt -v FETCH_COUNT=10000 "$1" -c "$2" > /dev/null & one=$!
mariadb --quick -BN --skip-ssl -h "$3" -P "$4" -u "$5" "$6" -e "$7" > /dev/null && wait $one`;
const { hostname, port, username, pathname } = new URL(learning);
const own = [hostname, port, username, pathname.slice(1), queries.completions];
const [ours, theirs, usual] = [
  'daybook report',
  'the databases, into /dev/null',
  'users in chunks of 1,000',
];
const contenders: ReadonlyMap<string, Command> = new Map([
  [ours, daybook('report', '-c', config, '--as-of', LAST_DATE, '-o', report)],
  [theirs, { program: 'sh', args: ['-c', OWN, 'sh', platform, queries.users, ...own] }],
  [usual, { program: process.execPath, args: [script, platform, learning, FIRST_DATE, LAST_DATE] }],
]);
const took = new Map<string, Measurement[]>();
for (let round = 0; round < wholeNumber('--rounds', values.rounds); round++)
  for (const [name, command] of contenders) {
    const output = join(data, 'activity.out');
    const measured = await measure(command, output);
    took.set(name, [...(took.get(name) ?? []), measured]);
    const seconds = measured.seconds.toFixed(2);
    process.stderr.write(`${name}: ${seconds} s, ${measured.peakMib.toFixed(0)} MiB\n`);
    if (name === usual) execFileSync('cmp', [output, report], { stdio: 'inherit' });
  }
const secondsOf = (name: string) => took.get(name)!.map(({ seconds }) => seconds);
const rows = [...took].map(([name, measured]) => {
  const seconds = secondsOf(name);
  return [
    name,
    median(seconds).toFixed(2),
    `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
    (median(seconds) / median(secondsOf(theirs))).toFixed(2),
    // Of the databases it would be that of their clients.
    name === theirs ? '' : Math.max(...measured.map(({ peakMib }) => peakMib)).toFixed(0),
  ];
});
const header = ['Contender', 'median s', 'range s', 'ratio to the databases', 'peak MiB'];
process.stdout.write(markdownTable(header, rows));
process.exit(); // The servers end with it.
