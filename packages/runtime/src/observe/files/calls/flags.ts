import { constants } from 'node:fs';

/** What a file is opened for. */
export interface Access {
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Understands the flags of `open`, as a text or as a number. Default: reading. */
export function parseFlags(flags: unknown): Access {
  if (typeof flags === 'number') {
    const mode = flags & (constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR);
    const changes = (flags & (constants.O_TRUNC | constants.O_CREAT)) !== 0;
    return { reads: mode !== constants.O_WRONLY, writes: mode !== constants.O_RDONLY || changes };
  }
  if (typeof flags !== 'string') return { reads: true, writes: false };
  const both = flags.includes('+');
  return { reads: both || flags.startsWith('r'), writes: both || !flags.startsWith('r') };
}
