import { sep } from 'node:path';
import type { AmbientInputs } from '@varve/core/internal';
import type { Roots } from '../asking/asker.ts';
import { fstatSync, readlinkSync } from '../shared/originals.ts';
import { isByUser, noteReading } from './caller.ts';

/** Folders in which the system makes up files. */
const SYSTEM = /^\/(proc|sys|dev(?!\/shm))\//;
/** Every variable of a process. */
const VARIABLES = /^\/proc\/.*\/environ$/;
/** Standard input, terminals, and descriptors. */
const STREAM = /^\/(dev\/(stdin|tty|fd|console|pts)|proc\/[^/]+(\/task\/[^/]+)?\/fd)(\/|$)/;
/** Names of standard input, which may be another file each time. */
const STANDARD_INPUT = /^\/(dev\/stdin|(dev|proc\/.*)\/fd\/0)$/;
/** Devices that give nothing, or always the same. */
const STEADY = /^\/dev\/(null|zero|full|stdout|stderr)(\/|$)/;

/** True for a file that the system makes up when somebody looks. */
export function isSystemFile(path: string): boolean {
  return sep === '/' && SYSTEM.test(path);
}

/** True for a name of standard input, also where that is a file. */
export function isStandardInput(path: string): boolean {
  return isSystemFile(path) && STANDARD_INPUT.test(path);
}

/**
 * Notes that code of a flow looks at such a file, whose content is another one at each look. What packages look at there does
 * not count, but for the variables of a process.
 */
export function noteSystemFile(inputs: AmbientInputs, path: string, roots: Roots): void {
  if (!isSystemFile(path) || STEADY.test(path)) return;
  if (VARIABLES.test(path)) return inputs.refuse(`it read ${path}, where all variables are`);
  if (!isByUser(roots)) return;
  if (STREAM.test(path)) inputs.refuse(`it read ${path}, which nobody can read a second time`);
  else noteReading(inputs, `fs ${path}`, roots);
}

/** The file behind a descriptor; `undefined` for a stream, for those the process was started with, and where the system does not tell. */
export function pathOfDescriptor(descriptor: number): string | undefined {
  try {
    return descriptor > 2 && fstatSync(descriptor).isFile() ? readlinkSync(`/proc/self/fd/${descriptor}`) : undefined;
  } catch {
    return undefined;
  }
}
