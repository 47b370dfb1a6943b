import {
  type DatabaseProcess,
  findProgram,
  freePort,
  notInstalled,
  serverFolder,
  startServer,
} from './server-process.ts';

export const NO_REDIS = 'there is no redis-server here: Debian has it in the package redis-server';

/** Redis with a password, which writes everything to its disk at once. `undefined` where it is not installed. */
export async function startRedis(password = 'pa55word'): Promise<DatabaseProcess | undefined> {
  const command = findProgram('redis-server');
  if (command === undefined) return notInstalled(NO_REDIS);
  const [port, folder] = [await freePort(), serverFolder('redis')];
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    requirepass: password,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const url = `redis://:${password}@127.0.0.1:${port}`;
  return startServer(url, port, folder, { command, args, ready: 'Ready to accept connections' });
}
