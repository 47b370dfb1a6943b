import type { World } from './world.ts';

/**
 * One row of the table: an input, and a way to read it. In all texts `$ID` stands for the row's name, `$DIR` for its own
 * folder and `$VAR` for its own variable, so that no row can hide what another one does.
 */
export interface Row {
  readonly input: string;
  readonly way: string;
  /** Parts of the world its value depends on, e.g. `content` for the content of `$DIR/a.txt`. */
  readonly reads: readonly string[];
  /** Parts that may count or not: a miss is allowed, a stale result is not. */
  readonly may?: readonly string[];
  /** Module `rows/$ID.ts`, which exports `look`. */
  readonly module: string;
  /** Further files of the project. */
  readonly files?: Readonly<Record<string, string>>;
  /** Argument of `look` in the step. */
  readonly given?: string;
  /** Members of the flow; a step `$ID` that calls `look_$ID` unless told otherwise. */
  readonly members?: string;
  /** Top-level statements of the flow's file. */
  readonly top?: string;
  /** Steps whose tasks show what happened; `$ID` unless told otherwise. */
  readonly steps?: readonly string[];
}

/** A row with its name, and all its texts filled in. */
export type NamedRow = Row & { readonly id: string; readonly steps: readonly string[] };

export const dirOf = (id: string) => `in/${id}`;
export const varOf = (id: string) => `V_${id}`;

/** Gives each row a name. */
export function nameRows(rows: readonly Row[], prefix = 'r'): readonly NamedRow[] {
  return rows.map((row, at) => {
    const id = `${prefix}${at}`;
    const fill = (text: string) =>
      text.replaceAll('$ID', id).replaceAll('$DIR', dirOf(id)).replaceAll('$VAR', varOf(id));
    const files = Object.entries(row.files ?? {}).map(([path, text]) => [fill(path), fill(text)]);
    return {
      ...{ ...row, id, module: fill(row.module), files: Object.fromEntries(files) },
      members: fill(row.members ?? MEMBERS).replace('$GIVEN', fill(row.given ?? '')),
      top: fill(row.top ?? TOP),
      steps: (row.steps ?? ['$ID']).map(fill),
    };
  });
}

const TOP = `import { look as look_$ID } from './rows/$ID.ts';`;
const MEMBERS = `  r_$ID!: unknown;
  @step() async $ID() { this.r_$ID = await look_$ID($GIVEN); }`;

/** Files of a flow that holds all rows. */
export function flowFiles(rows: readonly NamedRow[], name = 'Table'): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const row of rows) Object.assign(files, { [`rows/${row.id}.ts`]: `${row.module}\n` }, row.files);
  const tops = rows.map(({ top }) => top).join('\n');
  const members = rows.map((row) => row.members).join('\n');
  const head = `import { artifact, Flow, param, step, transient } from 'varve';`;
  files['flow.ts'] = `${head}\n${tops}\n\nexport default class ${name} extends Flow {\n${members}\n}\n`;
  return files;
}

/** World in which a table starts: what each row's folder and variable hold. */
export function worldOf(rows: readonly NamedRow[], own: (row: NamedRow) => Readonly<Record<string, string>>): World {
  const files: Record<string, string> = { ...flowFiles(rows) };
  for (const row of rows) Object.assign(files, own(row));
  const env = Object.fromEntries(rows.map(({ id }) => [varOf(id), 'one']));
  return { files, env: { ...STEADY, ...env } };
}

/** Variables that machines differ in, fixed. */
const STEADY = { TZ: 'UTC', LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8', VARVE_CACHE: 'rw' };
