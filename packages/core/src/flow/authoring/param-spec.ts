import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SourceLocation } from '../../contract/index.ts';
import type { CallSite } from './call-site.ts';

export type ParamKind = 'int' | 'number' | 'string' | 'boolean' | 'enum' | 'url' | 'json' | 'file' | 'schema';

/** Bounds of a parameter. Each kind uses some of them. */
export interface ParamLimits {
  /** Smallest and largest number. */
  readonly min?: number;
  readonly max?: number;
  /** Length of a text in UTF-16 units. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: RegExp;
  /** Allowed protocols of a url, e.g. `https`. */
  readonly protocols?: readonly string[];
  readonly choices?: readonly string[];
  /** Largest file, in bytes. */
  readonly maxBytes?: number;
}

/** A parameter as declared by `param.…()`. */
export interface ParamSpec {
  readonly kind: ParamKind;
  /** Absent for a required parameter. For a file it is a path. */
  readonly fallback?: { readonly value: unknown };
  readonly help?: string;
  readonly limits: ParamLimits;
  readonly as?: 'bytes' | 'text';
  readonly schema?: StandardSchemaV1;
  readonly site: CallSite;
}

/** A parameter as plain data, for `--help` and for messages. */
export interface ParamDescription {
  readonly name: string;
  readonly kind: ParamKind;
  readonly required: boolean;
  /** The default as shown to people. */
  readonly default?: string;
  readonly help?: string;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly protocols?: readonly string[];
  readonly maxBytes?: number;
  readonly location?: SourceLocation;
}

/** Longest text shown for a value, in characters. */
const SHOWN = 200;

/** A value as shown to people: text as it is, everything else as JSON, long ones cut. */
export function showValue(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonOf(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function jsonOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
