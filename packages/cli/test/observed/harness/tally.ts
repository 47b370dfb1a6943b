import { appendFileSync } from 'node:fs';
import type { Judgement } from './judge.ts';

/** File that gets a line for each cell of the table: `VARVE_OBSERVED_TABLE=table.tsv`. */
const FILE = process.env.VARVE_OBSERVED_TABLE;

/** Writes a judgement to the table, if one is wanted. */
export function record(table: string, judgement: Judgement): Judgement {
  const { row, change, expected, verdict, told } = judgement;
  tell([table, row.input, row.way, change.name, expected, verdict, told]);
  return judgement;
}

/** Writes one line of the table: table, input, way, change, expected, verdict, and what was seen. */
export function tell(cells: readonly string[]): void {
  if (FILE === undefined) return;
  appendFileSync(FILE, `${cells.map((cell) => cell.replaceAll(/\s+/g, ' ')).join('\t')}\n`);
}
