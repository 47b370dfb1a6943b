import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImports, checkRooms } from '../imports/check.mjs';
import { circlesIn, fileGraph } from '../imports/circles.mjs';
import { importsIn, sourceFiles } from '../imports/read.mjs';
import { boxGraph, countBoxes } from '../imports/table.mjs';
import { readMembers } from '../setup/members.mjs';
import { checkFace, facesOf } from './faces.mjs';
import { checkFolders } from './folders.mjs';

/**
 * @typedef {object} Survey The source files of the repository, read once.
 * @property {ReadonlyMap<string, string>} texts By file.
 * @property {ReadonlyMap<string, readonly string[]>} imports Specifiers by file.
 * @property {ReadonlyMap<string, readonly string[]>} graph Imported files by file.
 * @property {import('../imports/table.mjs').Table} boxes Imports between packages.
 * @property {readonly string[]} faces
 */

/** @param {string} root @returns {Survey} */
export function surveyOf(root) {
  const members = readMembers(root);
  const files = sourceFiles(root);
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const imports = new Map([...texts].map(([file, text]) => [file, importsIn(text, file)]));
  const names = new Map(members.map(({ folder, name }) => [folder, name]));
  return {
    texts,
    imports,
    graph: fileGraph(imports),
    boxes: countBoxes(imports, names),
    faces: facesOf(root, files, members),
  };
}

/** Checks everything about the house that Biome does not: directions and circles of imports, folders, faces.
 * @param {Survey} survey
 * @returns {import('../imports/check.mjs').Finding[]} */
export function checkHouse({ texts, imports, graph, boxes, faces }) {
  const files = [...texts.keys()];
  return [
    ...checkFolders(files),
    ...faces.flatMap((file) => checkFace(file, texts.get(file) ?? '')),
    ...checkRooms(files),
    ...[...imports].flatMap(([file, specifiers]) => checkImports(file, specifiers)),
    ...[...circlesIn(boxGraph(boxes)), ...circlesIn(graph)].map(describeCircle),
  ];
}

/** @param {{ path: readonly string[], size: number }} circle */
function describeCircle({ path, size }) {
  return {
    place: path[0] ?? '',
    problem: `is in a circle of imports (${size} in all): ${path.join(' -> ')}`,
    remedy: 'move what both ends need, often a type, to a file that imports neither',
  };
}
