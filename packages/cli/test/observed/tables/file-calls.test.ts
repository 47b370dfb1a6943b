import { CALL_ROWS } from '../ways/file-calls.ts';
import { NAME_ROWS } from '../ways/names.ts';
import { declareFileTable } from './file-table.ts';

/** All files of a folder from which CommonJS loads by a computed name belong to every step: it has a project of its own. */
const isLoaded = ({ way }: { readonly way: string }) => way === 'JSON by computed require in CommonJS';

declareFileTable('files, by every function and name', [...CALL_ROWS.filter((row) => !isLoaded(row)), ...NAME_ROWS]);
declareFileTable('files that CommonJS loads by a computed name', CALL_ROWS.filter(isLoaded));
