import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from '../shell/main.mjs';
import { capture } from '../shell/run.mjs';

/**
 * A real S3 server for tests: the radosgw of Ceph, with its store in memory, on this machine alone.
 *
 *   node scripts/test-servers/radosgw.mjs start    prints what the tests want in their environment
 *   node scripts/test-servers/radosgw.mjs stop
 *
 * Debian packages: radosgw ceph-mon ceph-osd ceph-common.
 */

const FOLDER = join(tmpdir(), 'varve-radosgw');
const PIDS = join(FOLDER, 'pids.json');
const KEY = 'varve-test';
const SECRET = 'varve-test-secret';
/** Ms that a daemon may take until it answers. */
const PATIENCE = 120_000;

await main('radosgw', async () => {
  const [command = ''] = process.argv.slice(2);
  if (command === 'stop') return stop();
  if (command === 'start') return start();
  console.error('usage: node scripts/test-servers/radosgw.mjs start|stop');
  return 2;
});

async function start() {
  stop();
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) mkdirSync(join(FOLDER, name), { recursive: true });
  const [port, monitor] = [await freePort(), await freePort()];
  const fsid = randomUUID();
  writeFileSync(join(FOLDER, 'ceph.conf'), settings({ fsid, port, monitor }));
  /** @type {number[]} */
  const pids = [];
  try {
    await startMonitor(pids, fsid, monitor);
    await startStorage(pids);
    pids.push(daemon('radosgw', ['-n', 'client.rgw']));
    writeFileSync(PIDS, JSON.stringify(pids));
    await until(async () => (await fetch(`http://127.0.0.1:${port}`)).ok);
    await admin([
      'user',
      'create',
      '--uid=varve',
      '--display-name=varve',
      `--access-key=${KEY}`,
      `--secret-key=${SECRET}`,
    ]);
  } catch (error) {
    writeFileSync(PIDS, JSON.stringify(pids));
    stop();
    throw error;
  }
  console.log(
    `VARVE_TEST_S3_ENDPOINT=http://127.0.0.1:${port}\nVARVE_TEST_S3_KEY=${KEY}\nVARVE_TEST_S3_SECRET=${SECRET}`,
  );
  return 0;
}

function stop() {
  if (existsSync(PIDS)) {
    for (const pid of JSON.parse(readFileSync(PIDS, 'utf8')).reverse()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
  }
  rmSync(FOLDER, { recursive: true, force: true });
  return 0;
}

/** @param {number[]} pids @param {string} fsid @param {number} monitor */
async function startMonitor(pids, fsid, monitor) {
  const everything = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *'];
  await ceph('ceph-authtool', ['--create-keyring', 'keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *']);
  await ceph('ceph-authtool', ['keyring', '--gen-key', '-n', 'client.admin', ...everything]);
  await ceph('ceph-authtool', ['keyring', '--gen-key', '-n', 'client.rgw', ...everything]);
  await ceph('monmaptool', ['--create', '--addv', 'a', `[v2:127.0.0.1:${monitor}]`, '--fsid', fsid, 'monmap']);
  await ceph('ceph-mon', ['-c', 'ceph.conf', '--mkfs', '-i', 'a', '--monmap', 'monmap', '--keyring', 'keyring']);
  pids.push(daemon('ceph-mon', ['-i', 'a']));
}

/** @param {number[]} pids */
async function startStorage(pids) {
  const id = randomUUID();
  await ceph('ceph', ['-c', 'ceph.conf', 'osd', 'new', id]);
  await ceph('ceph-osd', ['-c', 'ceph.conf', '-i', '0', '--mkfs', '--osd-uuid', id]);
  pids.push(daemon('ceph-osd', ['-i', '0']));
}

/** @param {readonly string[]} args */
async function admin(args) {
  await ceph('radosgw-admin', ['-c', 'ceph.conf', '-n', 'client.rgw', ...args]);
}

/** Runs a tool in the folder of the server. @param {string} command @param {readonly string[]} args */
async function ceph(command, args) {
  const { code, output } = await capture(command, args, { cwd: FOLDER });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
}

/** Starts a daemon that outlives this process. @param {string} command @param {readonly string[]} args */
function daemon(command, args) {
  const log = openSync(join(FOLDER, 'log', `${command}.out`), 'a');
  const all = ['-c', 'ceph.conf', ...args, '-f'];
  const child = spawn(command, all, { cwd: FOLDER, detached: true, stdio: ['ignore', log, log] });
  child.unref();
  if (child.pid === undefined) throw new Error(`cannot start ${command}: is it installed?`);
  return child.pid;
}

/** @param {() => Promise<boolean>} answers */
async function until(answers) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(200)) {
    if (await answers().catch(() => false)) return;
  }
  throw new Error(`no answer after ${PATIENCE} ms; what was said is in ${FOLDER}/log`);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** @param {{ fsid: string, port: number, monitor: number }} of */
function settings({ fsid, port, monitor }) {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitor}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
osd_objectstore = memstore
memstore_device_bytes = 4294967296
run_dir = ${FOLDER}/run
admin_socket = ${FOLDER}/run/$name.$pid.asok
pid_file = ${FOLDER}/run/$name.pid
log_file = ${FOLDER}/log/$name.log
keyring = ${FOLDER}/keyring
mon_data = ${FOLDER}/mon
osd_data = ${FOLDER}/osd
rgw_data = ${FOLDER}/rgw
[client.rgw]
# Without this radosgw asks for ever when there is no authentication.
ms_mon_client_mode = crc
rgw_frontends = beast endpoint=127.0.0.1:${port}
`;
}
