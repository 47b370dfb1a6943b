/** What the code of a flow reads from the file system and writes to it. */
export { installFiles } from './install.ts';
export { lookFiles } from './look.ts';
export { noteCommand, noteFileRead } from './note.ts';
