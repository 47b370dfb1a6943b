const OLDEST = [20, 19];

/** Throws when this Node cannot run the workspace. @param {string} version e.g. `20.19.0` */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`this is Node ${version}, but varve needs ${OLDEST.join('.')} or newer`);
}
