import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { IoHost } from '../runner/io-host.ts';
import { watchParent } from './end-group.ts';
import { openIo } from './open-io.ts';
import type { Setup } from './setup.ts';

/** Entry of the I/O thread: one a process, owner of the store. */
const setup = workerData as Setup;
if (setup.parentPid !== undefined) watchParent(setup.parentPid);
new IoHost(parentPort as MessagePort, () => openIo(setup)).serve();
