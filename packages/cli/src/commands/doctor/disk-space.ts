import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bytes } from '../../print/format.ts';
import { type Diagnosis, ok, problem, problemOf, warning } from './diagnosis.ts';

/** A folder that varve writes to. */
export interface Place {
  /** E.g. `the store`. */
  readonly what: string;
  /** Absolute; it need not be there yet. */
  readonly folder: string;
  /** Nobody makes it when it is missing. */
  readonly isExpected?: boolean;
}

export interface PlaceFacts extends Place {
  /** Bytes that this user can still write. */
  readonly free: number;
  readonly isWritable: boolean;
  /** Of the device; places on one device share their space. */
  readonly device: number;
}

/** Bytes. Below the first a run soon fails, below the second a large artifact may. */
const TOO_FEW = 100e6;
const FEW = 1e9;

/** Judges the space that is left on each device, and whether the folders can be written. */
export function judgeSpace(places: readonly PlaceFacts[]): Diagnosis[] {
  const refused = places.filter(({ isWritable }) => !isWritable).map(refusedPlace);
  const devices = [...new Set(places.map(({ device }) => device))];
  const space = devices.map((device) => judgeDevice(places.filter((place) => place.device === device)));
  return [...refused, ...space];
}

function refusedPlace({ what, folder }: PlaceFacts): Diagnosis {
  const message = `${folder} (${what}) is no folder that this user can write to.`;
  return problem('disk', message, 'Give the right to write there, or choose another folder.');
}

function judgeDevice(places: readonly PlaceFacts[]): Diagnosis {
  const free = Math.min(...places.map((place) => place.free));
  const message = `${bytes(free)} free for ${places.map(({ what }) => what).join(', ')}.`;
  const mend = 'Free space there: varve gc deletes results that no run needs. Or choose another disk.';
  const detail = places.map(({ what, folder }) => `${what}: ${folder}`);
  if (free < TOO_FEW) return { ...problem('disk', message, mend), detail };
  return free < FEW ? { ...warning('disk', message, mend), detail } : ok('disk', message);
}

/** Looks at the disks of these folders, and judges them. */
export async function checkDisks(places: readonly Place[]): Promise<Diagnosis[]> {
  const seen: PlaceFacts[] = [];
  const failed: Diagnosis[] = [];
  for (const place of places) {
    try {
      seen.push(await lookAt(place));
    } catch (error) {
      failed.push(problemOf('disk', error));
    }
  }
  return [...judgeSpace(seen), ...failed];
}

async function lookAt(place: Place): Promise<PlaceFacts> {
  const folder = nearest(place.folder);
  const { bavail, bsize } = await statfs(folder);
  const isThere = place.isExpected !== true || folder === place.folder;
  const isWritable = isThere && statSync(folder).isDirectory() && mayWrite(folder);
  return { ...place, free: bavail * bsize, isWritable, device: statSync(folder).dev };
}

/** The folder, or the nearest one above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
