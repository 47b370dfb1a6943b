import { type ServerProcess, startProcess } from '../wire/index.ts';
import type { GcsServerOptions } from './server.ts';

/** Starts the double in a process of its own. */
export function startGcsProcess(options: GcsServerOptions = {}): Promise<ServerProcess> {
  return startProcess(new URL('server.ts', import.meta.url), 'GcsServer', options);
}
