import Module from 'node:module';
import { ambientInputs } from '@varve/core/internal';
import { watchMethod } from '../../shared/disguise.ts';
import type { NoteFile } from './note-call.ts';

/** Observes `findPackageJSON`, which looks for files on the native side: the one that it finds counts as read. */
export function installManifests(noteFile: NoteFile): void {
  watchMethod(Module, 'findPackageJSON', () => (found: unknown) => {
    const inputs = ambientInputs();
    if (inputs !== undefined && typeof found === 'string') noteFile(inputs, found);
  });
}
