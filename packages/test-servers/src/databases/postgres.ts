import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DatabaseProcess,
  findProgram,
  foldersIn,
  freePort,
  notInstalled,
  runTool,
  serverFolder,
  startServer,
} from './server-process.ts';

export const NO_POSTGRES = 'there is no postgres here: Debian has it in the package postgresql';

/** The user that Debian's package makes: Postgres does not run as root. */
const USER = 'postgres';

/** Postgres with an empty database and a password. `undefined` where it is not installed. */
export async function startPostgres(password = 'pa55word'): Promise<DatabaseProcess | undefined> {
  const folders = foldersIn('/usr/lib/postgresql').map((version) => join(version, 'bin'));
  const [command, init] = [findProgram('postgres', folders), findProgram('initdb', folders)];
  if (command === undefined || init === undefined) return notInstalled(NO_POSTGRES);
  const [port, folder] = [await freePort(), serverFolder('postgres', USER)];
  const [data, pwfile] = [join(folder, 'data'), join(folder, 'password')];
  writeFileSync(pwfile, password);
  const how = ['-U', 'varve', '-A', 'scram-sha-256', `--pwfile=${pwfile}`, '-E', 'UTF8', '--locale=C', '-N'];
  runTool({ command: init, args: ['-D', data, ...how], user: USER });
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = `postgresql://varve:${password}@127.0.0.1:${port}/postgres`;
  return startServer(url, port, folder, { command, args, ready: 'ready to accept connections', user: USER });
}
