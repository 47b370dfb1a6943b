import { ROOMS } from './rules.mjs';

const CORE_SOURCE = 'packages/core/src/';

/** The room of core's faces, the files directly in `src`. */
export const FACES = 'src';

/** The folder of the package that a file belongs to. @param {string} file Relative to the repository, with `/`. */
export function homeOf(file) {
  const [parent = '', name] = file.split('/');
  if (parent === 'packages' || parent === 'examples') return `${parent}/${name}`;
  return parent === 'bench' || parent === 'scripts' ? parent : undefined;
}

/** True for the sources of packages, not for their tests. @param {string} file */
export function isSource(file) {
  return /^packages\/[^/]+\/src\//.test(file);
}

/** True for the sources of core. @param {string} file */
export function isCore(file) {
  return file.startsWith(CORE_SOURCE);
}

/** The room of core that a file stands in; `undefined` outside of core and in a folder that the table does not know.
 * @param {string} file */
export function roomOf(file) {
  if (!isCore(file)) return undefined;
  const path = file.slice(CORE_SOURCE.length);
  if (!path.includes('/')) return FACES;
  const around = ROOMS.filter(({ room }) => path.startsWith(`${room}/`)).map(({ room }) => room);
  return around.sort((a, b) => b.length - a.length)[0];
}

/** The rooms that a name in the table stands for. @param {string} name */
export function roomsBelow(name) {
  return ROOMS.map(({ room }) => room).filter((room) => room === name || room.startsWith(`${name}/`));
}
