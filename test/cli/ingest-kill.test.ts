import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { stores } from '../../src/stores/index.ts';
import { DAYBOOK, daybook } from '../support/cli.ts';
import { seededRandom } from '../support/random.ts';

/** Logs, each followed through several kills. */
const SEEDS = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 6);
const KILLS = 3;
const LINES = 2000;
const START = 1_600_000_000_000;
const NAMES = ['ant', 'bee', 'cat', 'constructor', 'dog', 'élan'];

/** A log to be written, how its source is configured, and what is asked of it. */
interface Kind {
  readonly settings: string;
  /** In front of each piece. */
  readonly header: string;
  readonly report: readonly string[];
  record(i: number, random: () => number): string;
}

const nameOf = (random: () => number) => NAMES[Math.floor(random() ** 2 * NAMES.length)]!;

const KINDS: readonly Kind[] = [
  {
    settings: 'format: connection-log',
    header: '',
    report: ['top'],
    record: (i, random) => `${START + i * 53} ${nameOf(random)} ${nameOf(random)}\n`,
  },
  {
    settings: 'format: csv\n    columns: { subject: 1, type: 2, time: 4 }',
    header: 'who,what,note,when\n',
    report: ['counts'],
    record: (i, random) =>
      `${nameOf(random)},read,"${random() < 0.2 ? 'two\nlines' : 'one'} ""${i}""",${START + i * 997}\n`,
  },
  {
    settings: 'format: session-log\n    date: 2021-03-01\n    spans_midnight: true',
    header: '',
    report: ['bill'],
    record(i, random) {
      const time = new Date(i * 101_000).toISOString().slice(11, 19);
      return `${time} ${nameOf(random)} ${random() < 0.5 ? 'Start' : 'End'}\n`;
    },
  },
];

describe('ingest --follow', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const kind = KINDS[seed % KINDS.length]!;
    test(`counts every record once through ${KILLS} kills (seed ${seed}, ${kind.report})`, async () => {
      const random = seededRandom(seed);
      const folder = mkdtempSync(join(tmpdir(), 'daybook-kill-'));
      const log = new GrowingLog(join(folder, 'logs'), kind, random);
      writeFileSync(join(folder, 'daybook.yaml'), configuration(kind));
      let child: ReturnType<typeof spawn> | undefined;
      try {
        for (let kill = 0; kill <= KILLS; kill++) {
          child = follower(folder);
          const closed = once(child, 'close');
          await log.write(kill === KILLS ? Number.POSITIVE_INFINITY : random() * LINES * 0.3);
          if (kill === KILLS) {
            await untilCounted(folder, log.sizeBytes, child);
            child.kill('SIGTERM');
            assert.deepEqual(await closed, [0, null]);
            continue;
          }
          await delay(random() * 1200);
          child.kill('SIGKILL');
          await closed;
          if (random() < 0.5) await log.write(random() * LINES * 0.1);
          if (random() < 0.5) {
            const { code, stderr } = await daybook(['ingest'], { cwd: folder });
            assert.equal(code, 0, stderr);
          }
        }
        const batch = await daybook(['ingest', '--store', 'batch.db'], { cwd: folder });
        assert.equal(batch.code, 0, batch.stderr);
        assert.deepEqual(await inputsOf(folder, 'follow.db'), await inputsOf(folder, 'batch.db'));
        const told = async (store: string) => {
          const { stderr, ...others } = await daybook([...kind.report, '--store', store], {
            cwd: folder,
          });
          return { ...others, stderr: stderr.replace(store, 'STORE') };
        };
        assert.deepEqual(await told('follow.db'), await told('batch.db'));
      } finally {
        child?.kill('SIGKILL');
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** A log that is written in pieces of any length, rotated now and then, and compressed later. */
class GrowingLog {
  readonly #folder: string;
  readonly #kind: Kind;
  readonly #random: () => number;
  readonly #records: string[];
  #at = 0;
  #rotated = 0;
  #packed = 0;
  #isEmpty = true;
  sizeBytes = 0;

  constructor(folder: string, kind: Kind, random: () => number) {
    mkdirSync(folder);
    this.#folder = folder;
    this.#kind = kind;
    this.#random = random;
    this.#records = Array.from({ length: LINES }, (_, i) =>
      random() < 0.02 ? 'what is this\n' : kind.record(i, random),
    );
    this.#append(kind.header);
  }

  /** Writes so many records more. */
  async write(count: number): Promise<void> {
    const random = this.#random;
    // The last follower has something to wait for.
    const to = Math.min(
      Math.ceil(this.#at + count),
      LINES - (count === Number.POSITIVE_INFINITY ? 0 : 50),
    );
    while (this.#at < to) {
      const end = Math.min(to, this.#at + 1 + Math.floor(random() * 200));
      const records = this.#records.slice(this.#at, end);
      this.#at += records.length;
      const text = records.join('');
      const cut = Math.floor(random() * text.length);
      this.#append(text.slice(0, cut));
      if (random() < 0.3) await delay(random() * 200);
      if (random() < 0.03) this.#rotate(); // in the middle of a record
      this.#append(text.slice(cut));
      if (random() < 0.2) this.#rotate();
      if (random() < 0.2 && this.#packed < this.#rotated) this.#pack();
    }
  }

  #append(text: string): void {
    appendFileSync(join(this.#folder, 'app.log'), text);
    this.sizeBytes += Buffer.byteLength(text);
    if (text !== '' && text !== this.#kind.header) this.#isEmpty = false;
  }

  /** A piece with nothing but a header is a copy of another's first bytes. */
  #rotate(): void {
    if (this.#isEmpty || this.#at === LINES) return;
    this.#isEmpty = true;
    const piece = String(++this.#rotated).padStart(4, '0');
    renameSync(join(this.#folder, 'app.log'), join(this.#folder, `app.log.${piece}`));
    this.#append(this.#kind.header);
  }

  #pack(): void {
    const path = join(this.#folder, `app.log.${String(++this.#packed).padStart(4, '0')}`);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
    unlinkSync(path);
  }
}

function configuration({ settings }: Kind): string {
  return `
store:
  path: follow.db
sources:
  log:
    type: file
    paths: ['logs/app.log*']
    ${settings}
`;
}

function follower(folder: string): ReturnType<typeof spawn> {
  const words = ['ingest', '--follow', '--idle', '1s'];
  return spawn(process.execPath, [DAYBOOK, ...words], {
    cwd: folder,
    stdio: 'ignore',
  });
}

/** Waits until all bytes of all inputs are in the store. */
async function untilCounted(
  folder: string,
  sizeBytes: number,
  child: ReturnType<typeof spawn>,
): Promise<void> {
  let counted = 0;
  for (let i = 0; i < 600; i++) {
    const inputs = await inputsOf(folder, 'follow.db').catch(() => []);
    counted = inputs.reduce((sum, { position }) => sum + position, 0);
    if (counted === sizeBytes) return;
    assert.equal(child.exitCode, null, 'it goes on');
    await delay(100);
  }
  const there = readdirSync(join(folder, 'logs')).map((name) => {
    const bytes = readFileSync(join(folder, 'logs', name));
    return [name, (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).length];
  });
  const inputs = (await inputsOf(folder, 'follow.db')).map(({ position }) => position);
  assert.fail(`${counted} of ${sizeBytes} bytes are counted: ${JSON.stringify({ inputs, there })}`);
}

/** What a store says of its inputs, but for how they were called and when they came. */
async function inputsOf(folder: string, name: string) {
  const store = stores.sqlite({ path: join(folder, name), readOnly: true });
  try {
    const inputs = await store.inputs('log');
    return inputs.map(({ id, name, head, ...input }) => input);
  } finally {
    await store.close();
  }
}
