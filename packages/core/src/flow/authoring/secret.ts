import { inspect } from 'node:util';
import { VarveError } from '../../contract/index.ts';
import { givenSecrets, revealedSecrets, unobserved } from './registry.ts';

const SECRET = Symbol.for('varve.Secret');

/**
 * A handle on a secret. It shows only its name: printing, joining to a string and JSON give `[secret NAME]`, and it
 * cannot be stored as an artifact. As a field of a flow it is created anew in each task.
 */
export class Secret {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    Object.defineProperty(this, SECRET, { value: name });
    Object.freeze(this);
  }

  /** Reads the environment now: that is no input of the step. Throws `VARVE_SECRET_MISSING`. */
  value(): string {
    const value = givenSecrets().getStore()?.get(this.#name) ?? unobserved(() => process.env[this.#name]);
    if (value !== undefined && value !== '') {
      revealedSecrets().set(value, this.#name);
      return value;
    }
    throw new VarveError('VARVE_SECRET_MISSING', `the secret ${this.#name} is not set`, {
      hint: `Set it in the environment or in the .env file beside the config: ${this.#name}=…`,
    });
  }

  toString(): string {
    return `[secret ${this.#name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * A handle on the environment variable `name`, for keys and passwords: `apiKey = secret('OPENAI_API_KEY')`, then
 * `this.apiKey.value()` where it is needed. Never stored, logged or hashed: another value leaves all results valid, so that
 * people with keys of their own share them. What decides on a result belongs in a plain variable.
 */
export function secret(name: string): Secret {
  return new Secret(name);
}

/** The name of a secret of any installed copy of this package; `undefined` for any other value. */
export function secretName(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(SECRET in value)) return undefined;
  return (value as Record<symbol, string>)[SECRET];
}
