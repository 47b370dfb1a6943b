import { circlesIn } from '../imports/circles.mjs';
import { homeOf } from '../imports/places.mjs';
import { boxGraph, countRooms, renderTable } from '../imports/table.mjs';
import { countFolders } from './folders.mjs';

const TEST = /\/test\/|\.test\.\w+$/;
const CONFIG = /\.config\.\w+$/;

/** Draws the house in figures: sizes, then imports.
 * @param {import('./survey.mjs').Survey} survey */
export function renderHouse(survey) {
  return [...renderSizes(survey), '', ...renderImports(survey)].join('\n');
}

/** The table of imports between packages and between the rooms of core, and whether any goes in a circle.
 * @param {import('./survey.mjs').Survey} survey @returns {string[]} */
export function renderImports({ boxes, graph }) {
  const circles = [...circlesIn(boxGraph(boxes)), ...circlesIn(graph)];
  return [
    'imports of each package, tests aside',
    ...renderTable(boxes),
    '',
    'imports of each room of core, lowest first',
    ...renderTable(countRooms(graph)),
    '',
    `${circles.length} circles (types included) in ${graph.size} files`,
    ...circles.map(({ path, size }) => `  ${size} in a circle: ${path.join(' -> ')}`),
  ];
}

/** @param {import('./survey.mjs').Survey} survey @returns {string[]} */
function renderSizes({ texts }) {
  const sizes = [...texts].map(([file, text]) => ({ file, lines: text.split('\n').length - 1 }));
  const tests = sizes.filter(({ file }) => TEST.test(file));
  const sources = sizes.filter(({ file }) => !TEST.test(file) && !CONFIG.test(file));
  const folders = [...countFolders([...texts.keys()])].map(([file, lines]) => ({ file, lines }));
  return [
    'sources: files and lines',
    ...renderGroups(sources),
    '',
    'tests: files and lines',
    ...renderGroups(tests),
    '',
    `longest source: ${largest(sources, 'lines')}`,
    `longest test:   ${largest(tests, 'lines')}`,
    `fullest folder: ${largest(folders, 'files besides its index')}`,
  ];
}

/** A line for each package, below it one for each folder of its sources.
 * @param {readonly { file: string, lines: number }[]} sizes */
function renderGroups(sizes) {
  /** @type {Map<string, { files: number, lines: number }>} */
  const groups = new Map();
  for (const { file, lines } of sizes) {
    for (const name of new Set(['all', homeOf(file) ?? '.', folderOf(file)])) {
      const { files, lines: before } = groups.get(name) ?? { files: 0, lines: 0 };
      groups.set(name, { files: files + 1, lines: before + lines });
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { files, lines }]) => `  ${name.padEnd(36)}${String(files).padStart(5)}${String(lines).padStart(8)}`);
}

/** The first folder below the sources or tests of a file's package, or the package. @param {string} file */
function folderOf(file) {
  const home = homeOf(file) ?? '.';
  const [kind, folder, more] = file.slice(home.length + 1).split('/');
  return kind === 'src' && more !== undefined ? `${home}/${kind}/${folder}` : home;
}

/** @param {readonly { file: string, lines: number }[]} sizes @param {string} unit */
function largest(sizes, unit) {
  const [first] = [...sizes].sort((a, b) => b.lines - a.lines);
  return first === undefined ? 'none' : `${first.file}, ${first.lines} ${unit}`;
}
