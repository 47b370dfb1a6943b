import { isAbsolute, relative, sep } from 'node:path';
import type { SourceLocation } from '@varve/core/contract';

export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly location?: SourceLocation;
}

/**
 * `::error file=flow.ts,line=3,col=5,title=train[2]::TypeError: …`: how GitHub is told of a mistake in a file. Paths
 * are relative to the checkout; a file outside of it is left out, as GitHub could not show it.
 */
export function annotationText({ title, message, location }: Annotation, checkout: string): string {
  const path = location === undefined ? '' : relative(checkout, location.file);
  const file = path.split(sep).join('/');
  const inside = location !== undefined && file !== '' && !file.startsWith('../') && !isAbsolute(path);
  const place = inside ? [`file=${property(file)}`, `line=${location.line}`] : [];
  const column = inside && location.column !== undefined ? [`col=${location.column}`] : [];
  return `::error ${[...place, ...column, `title=${property(title)}`].join(',')}::${data(message)}`;
}

/** A command ends with its line: what would end it, or be taken for its syntax, is written as a percent code. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
