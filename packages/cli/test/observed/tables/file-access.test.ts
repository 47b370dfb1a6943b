import { FILE_ACCESSES } from '../ways/files.ts';
import { declareFileTable } from './file-table.ts';

declareFileTable('files, however the function is reached', FILE_ACCESSES);
