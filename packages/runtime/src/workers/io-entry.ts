import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Session } from '@varve/core/internal';
import { Composition } from '../compose/compose.ts';
import type { Setup } from '../compose/setup.ts';
import { serveSession } from '../io/io-host.ts';
import { watchParent } from './processes.ts';

/** Entry of the I/O thread: one a process, owner of the store. */
const setup = workerData as Setup;
if (setup.parentPid !== undefined) watchParent(setup.parentPid);
const stack = new Composition({ setup });
serveSession(parentPort as MessagePort, new Session(() => stack.get('session')), () => stack.close());
