import { posix } from 'node:path';
import { homeOf, isCore, isSource, roomOf } from './places.mjs';
import { isOurs, packageOf, ROOMS } from './rules.mjs';

/** @typedef {Map<string, Map<string, number>>} Table How many imports go from each row to each column. */

/** Counts which package imports which parts of varve, tests aside.
 * @param {ReadonlyMap<string, readonly string[]>} imports Specifiers by file.
 * @param {ReadonlyMap<string, string>} names Of packages, by folder.
 * @returns {Table} */
export function countBoxes(imports, names) {
  /** @type {Table} */
  const table = new Map();
  for (const [file, specifiers] of imports) {
    const name = isSource(file) ? names.get(homeOf(file) ?? '') : undefined;
    if (name === undefined) continue;
    for (const specifier of specifiers.filter((it) => isOurs(it))) count(table, name, specifier);
    if (!table.has(name)) table.set(name, new Map());
  }
  return table;
}

/** Counts which room of core imports which; a folder that is no room yet counts by its own name.
 * @param {ReadonlyMap<string, readonly string[]>} graph Imported files by file.
 * @returns {Table} Lowest room first. */
export function countRooms(graph) {
  /** @type {Table} */
  const table = new Map(ROOMS.map(({ room }) => [room, new Map()]));
  for (const [file, targets] of graph) {
    if (!isCore(file)) continue;
    for (const target of targets.filter(isCore)) {
      if (placeOf(file) !== placeOf(target)) count(table, placeOf(file), placeOf(target));
    }
  }
  return table;
}

/** The packages as a graph. @param {Table} table From `countBoxes`. @returns {Map<string, string[]>} */
export function boxGraph(table) {
  return new Map([...table].map(([name, row]) => [name, [...row.keys()].map(packageOf)]));
}

/** @param {Table} table @returns {string[]} A line for each row. */
export function renderTable(table) {
  const width = Math.max(0, ...[...table.keys()].map((name) => name.length));
  return [...table].map(([name, row]) => {
    const cells = [...row].sort(([a], [b]) => (a < b ? -1 : 1)).map(([to, imports]) => `${to} ${imports}`);
    return `  ${name.padEnd(width)}  ${cells.join(', ') || '-'}`;
  });
}

/** @param {string} file */
function placeOf(file) {
  return roomOf(file) ?? posix.dirname(file).replace('packages/core/src/', '');
}

/** @param {Table} table @param {string} from @param {string} to */
function count(table, from, to) {
  const row = table.get(from) ?? new Map();
  table.set(from, row.set(to, (row.get(to) ?? 0) + 1));
}
