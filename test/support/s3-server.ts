import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectS3 } from '../../src/destinations/s3-client.ts';
import { needsProgram } from './needs.ts';

/** A real S3 service (Ceph) that the tests of this process share. */
export interface S3Server {
  readonly port: number;
  /** How to reach it, in the words of `s3Archive`. */
  readonly access: {
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  /** Makes a bucket that nobody else uses. */
  newBucket(): Promise<string>;
}

const PROGRAMS = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'setpriv'];
const READY_MS = 90_000;
const run = promisify(execFile);
let shared: Promise<S3Server> | undefined;

/** Options of a test that needs `s3Server`: skipped where its packages are missing. */
export function needsS3(): { skip: string | false } {
  return PROGRAMS.map(needsProgram).find(({ skip }) => skip) ?? { skip: false };
}

/** Starts the service, or gives the one that runs. It ends with this process, however that ends. */
export function s3Server(): Promise<S3Server> {
  shared ??= start();
  return shared;
}

async function start(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-ceph-'));
  const daemons: ChildProcess[] = [];
  process.once('exit', () => {
    for (const daemon of daemons) daemon.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  const [port, monitorPort] = await freePorts();
  const fsid = randomUUID();
  const osd = randomUUID();
  for (const name of ['mon', 'osd', 'run', 'log']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'ceph.conf'), settings({ folder, fsid, port, monitorPort }));
  const at = (name: string) => join(folder, name);
  const conf = ['--conf', at('ceph.conf')];
  const daemon = (program: string, ...words: string[]) => {
    const log = openSync(at(`log/${program}.out`), 'a');
    // It dies with this process even when that is killed.
    const command = ['--pdeathsig', 'KILL', program, ...conf, ...words, '-f'];
    const child = spawn('setpriv', command, { cwd: folder, stdio: ['ignore', log, log] });
    child.unref();
    daemons.push(child);
  };

  const key = (name: string, ...caps: [string, string][]) => [
    ...[at('keyring'), '--gen-key', '--name', name],
    ...caps.flatMap(([service, cap]) => ['--cap', service, cap]),
  ];
  await run('ceph-authtool', ['--create-keyring', ...key('mon.', ['mon', 'allow *'])]);
  await run('ceph-authtool', key('client.admin', ['mon', 'allow *'], ['osd', 'allow *']));
  await run('ceph-authtool', key('osd.0', ['mon', 'allow profile osd'], ['osd', 'allow *']));
  const monitor = ['a', `[v2:127.0.0.1:${monitorPort}]`];
  await run('monmaptool', ['--create', '--fsid', fsid, '--addv', ...monitor, at('monmap')]);
  const maps = ['--monmap', at('monmap'), '--keyring', at('keyring')];
  await run('ceph-mon', [...conf, '--mkfs', '-i', 'a', ...maps]);
  daemon('ceph-mon', '-i', 'a');
  await run('ceph', [...conf, '--connect-timeout', '60', 'osd', 'create', osd]);
  await run('ceph-osd', [...conf, '-i', '0', '--mkfs', '--osd-uuid', osd]);
  daemon('ceph-osd', '-i', '0');
  const user = { accessKeyId: 'AKTEST', secretAccessKey: 'SKTEST' };
  const keys = ['--access-key', user.accessKeyId, '--secret-key', user.secretAccessKey];
  const names = ['--uid', 'test', '--display-name', 'test'];
  await run('radosgw-admin', [...conf, 'user', 'create', ...names, ...keys]);
  daemon('radosgw', '--name', 'client.admin');
  const endpoint = `http://127.0.0.1:${port}`;
  await answering(endpoint, folder);

  const access = { endpoint, ...user };
  const client = await connectS3(access);
  return {
    port,
    access,
    async newBucket() {
      const bucket = `test-${randomUUID()}`;
      await client.createBucket({ Bucket: bucket });
      return bucket;
    },
  };
}

async function answering(endpoint: string, folder: string): Promise<void> {
  const end = Date.now() + READY_MS;
  while (!(await fetch(endpoint).catch(() => undefined))?.ok) {
    if (Date.now() > end) throw new Error(`the S3 service did not start; see ${folder}/log`);
    await sleep(50);
  }
}

/** Two ports that nobody listens at. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', () => {
          const address = server.address();
          if (typeof address === 'object' && address) resolve(address.port);
        });
      }),
  );
  const [first, second] = await Promise.all(ports);
  for (const server of servers) server.close();
  return [first!, second!];
}

/** One of each kind of daemon on this machine, whose data are in memory only. */
function settings(place: {
  readonly folder: string;
  readonly fsid: string;
  readonly port: number;
  readonly monitorPort: number;
}): string {
  const { folder, fsid, port, monitorPort } = place;
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monitorPort}]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv6 = false
# Without these radosgw finds nobody to ask.
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = true
keyring = ${folder}/keyring
run dir = ${folder}/run
pid file = ${folder}/run/$name.pid
admin socket = ${folder}/run/$name.asok
log file = ${folder}/log/$name.log
crash dir = ${folder}/log
mon data = ${folder}/mon
mon data avail warn = 1
mon data avail crit = 0
# Each of the many pools would wait a second for what else is to be decided.
paxos propose interval = 0.02
paxos min wait = 0.01
mon osd min in ratio = 0
mon allow pool size one = true
mon max pg per osd = 1000
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd heartbeat grace = 60
rgw data = ${folder}/run
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw dynamic resharding = false
rgw enable ops log = false
rgw enable usage log = false
[mon.a]
mon addr = 127.0.0.1:${monitorPort}
`;
}
