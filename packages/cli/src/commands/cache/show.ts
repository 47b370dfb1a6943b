import { nameOfResult, type Result, sizeOfResult } from '@varve/client';
import type { OpenHistory } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { ago, bytes, duration, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { resultDocument } from './results.ts';

type Components = Awaited<ReturnType<OpenHistory['results']['componentsOf']>>;

/** `varve cache show`: one result with its reads, its writes and the components of its key. */
export function cacheShow(name: string, options: CommonOptions): Promise<number> {
  return withHistory(options, async ({ results }) => {
    const result = await results.find(name);
    const components = await results.componentsOf(result);
    const { reads, tokens, writes, deletes, log } = result.entry;
    const seen = Object.fromEntries(reads.map((read, i) => [read, tokens[i]]));
    if (options.json) {
      const rest = { reads: seen, writes, deletes, log: log ?? null, components: components ?? null };
      printJson({ result: { ...resultDocument(result), ...rest } });
    } else print(renderResult(result, components, painter(process.stdout)));
    return EXIT.ok;
  });
}

function renderResult(result: Result, components: Components, paint: Paint): string {
  const { key, stepKey, entry } = result;
  const { label, at, ms, generation, withdrawn, reads, tokens, writes, deletes, log } = entry;
  const made = `${ago(Date.now() - at)}, took ${duration(ms)}, ${bytes(sizeOfResult(result))}, generation ${generation}`;
  const rows = Object.entries(writes).map(([name, { size, codec, digest }]) => [
    plain(name),
    bytes(size),
    codec,
    digest.slice(0, 19),
  ]);
  return [
    `${paint('bold', plain(nameOfResult(result)))}  ${plain(label)}`,
    `made      ${made}`,
    ...(withdrawn
      ? [`withdrawn by ${plain(withdrawn.by)}: ${plain(withdrawn.why)}; varve cache invalidate --undo ${withdrawn.id}`]
      : []),
    `key       ${key}`,
    `step key  ${stepKey}`,
    '',
    reads.length === 0
      ? 'read nothing'
      : table(
          ['READ', 'SAW'],
          reads.map((read, i) => [plain(read), plain(tokens[i] ?? '')]),
        ),
    '',
    rows.length === 0 ? 'wrote nothing' : table(['WROTE', 'SIZE', 'CODEC', 'DIGEST'], rows),
    ...(deletes.length > 0 ? [`deleted  ${deletes.map(plain).join(', ')}`] : []),
    ...(log ? [`printed ${bytes(log.size)}: varve logs ${plain(nameOfResult(result))}`] : []),
    '',
    renderComponents(components),
  ].join('\n');
}

function renderComponents(components: Components): string {
  if (!components) return 'The run that made it is gone, and with it what its key is made of.';
  const { code, pieces, packages, assets, load, runtime, options, scope } = components;
  const kinds = { code: pieces, package: packages, file: assets, 'read at load': load, runtime, option: options };
  const rows = Object.entries(kinds).flatMap(([kind, parts]) =>
    Object.entries(parts).map(([name, value]) => [kind, plain(name), plain(shown(value))]),
  );
  const all = [['code', 'all of it', shown(code)], ...rows, ['scope', scope, '']];
  return table(['KEY OF', 'WHAT', 'VALUE'], all);
}

/** Shortens hashes; the value of an unset variable or a missing file is `none`. */
function shown(value: string | null): string {
  if (value === null) return 'none';
  return /^(sha256:)?[0-9a-f]{24,}$/.test(value) ? value.slice(0, 19) : value;
}
