import { readFileSync, readlinkSync } from 'node:fs';

/** Tells one process from all others, also from later ones with the same id. */
export interface ProcessIdentity {
  /** One start of one machine, and the space in it that gives out the ids of processes: a container has its own. */
  readonly machine: string;
  readonly pid: number;
  /** When the process was started, in the machine's own units. */
  readonly startedAt: number;
}

/** The place in `/proc/<pid>/stat`, behind the name, of the state of the process, and of its start. */
const STATE = 0;
const START = 19;
/** Has ended, though its parent has not asked for its result yet. */
const ENDED = ['Z', 'X'];

/** `undefined` where the system does not tell it, as only Linux does. */
export function ownIdentity(): ProcessIdentity | undefined {
  const machine = machineHere();
  const stat = statOf(process.pid);
  return machine === undefined || stat === undefined
    ? undefined
    : { machine, pid: process.pid, startedAt: Number(stat[START]) };
}

/** True when this process can tell that another one on the same machine has ended; false when it lives or nobody knows. */
export function hasEnded({ machine, pid, startedAt }: ProcessIdentity): boolean {
  if (machine !== machineHere()) return false;
  const stat = statOf(pid);
  // Some systems show nobody the processes of other users.
  if (stat === undefined) return !exists(pid);
  return ENDED.includes(stat[STATE] ?? '') || Number(stat[START]) !== startedAt;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function machineHere(): string | undefined {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** `undefined` when it cannot be read. The name of a program may hold spaces and brackets. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields.length > START ? fields : undefined;
  } catch {
    return undefined;
  }
}
