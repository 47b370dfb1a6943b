import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { IoHost } from '../../session/session.ts';
import { openIo } from '../compose/open-io.ts';
import type { Setup } from '../compose/setup.ts';
import { watchParent } from './processes.ts';

/** Entry of the I/O thread: one a process, owner of the store. */
const setup = workerData as Setup;
if (setup.parentPid !== undefined) watchParent(setup.parentPid);
new IoHost(parentPort as MessagePort, () => openIo(setup)).serve();
