/**
 * Preloaded into the processes that write the kept store: it names no real machine, user or installation, and its runs
 * began long before any test that reads them.
 */
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const user = os.userInfo();
os.hostname = () => 'host';
os.userInfo = () => ({ ...user, username: 'ada' });
syncBuiltinESMExports();

const realNow = Date.now;
const behind = Number(process.env.KEPT_CLOCK_BEHIND);
Date.now = () => realNow() - behind;

// Stored stacks of failed steps keep only the frame in the flow.
Error.stackTraceLimit = 1;
