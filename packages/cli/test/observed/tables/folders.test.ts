import { FOLDER_CALLS } from '../ways/file-calls.ts';
import { FOLDER_ACCESSES } from '../ways/files.ts';
import { LISTED_ROW } from '../ways/names.ts';
import { declareFileTable } from './file-table.ts';

declareFileTable('folders', [...FOLDER_ACCESSES, ...FOLDER_CALLS, LISTED_ROW]);
