import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identity of the process that writes temporary files. It tells later processes which files are left over. */
export interface Owner {
  /** Eight hex characters for one boot of one machine and one namespace of process ids. */
  readonly host: string;
  readonly pid: number;
  /** True while the process of this host runs. */
  lives(pid: number): boolean;
}

/** Identifies this process. Containers that share a host name but not their process ids count as different hosts. */
export function currentOwner(): Owner {
  const parts = [
    hostname(),
    readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    readOr(() => readlinkSync('/proc/self/ns/pid')),
  ];
  const host = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
  return { host, pid: process.pid, lives };
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs under another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
