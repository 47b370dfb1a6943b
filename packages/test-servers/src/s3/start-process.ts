import { type ServerProcess, startProcess } from '../wire/index.ts';
import type { S3DoubleOptions } from './server.ts';

/** Starts the double in a process of its own. */
export function startS3Process(options: S3DoubleOptions = {}): Promise<ServerProcess> {
  return startProcess(new URL('server.ts', import.meta.url), 'S3Double', options);
}
