import { corruptJournal } from './sealed.ts';
import { ShapeError } from './shape.ts';

/** Runs a check of something read back; what does not fit becomes `VARVE_CORRUPT_JOURNAL` with the object's name. */
export function readStored<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ShapeError) throw corruptJournal(key, 0, error.message);
    throw error;
  }
}
