import type { Binding } from '../../ast/scopes.ts';
import { digestOf } from '../../format.ts';
import type { Facts, Finding, Part, Ref } from '../summary.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type RefName = Pick<Ref, 'kind' | 'name' | 'member'>;
type OpenRef = RefName & Uses & { line: number };
type ListFact = 'hazards' | 'purity' | 'env' | 'assets' | 'folders';
type Flag =
  | 'envComputed'
  | 'timeZone'
  | 'project'
  | 'place'
  | 'globalEager'
  | 'globalLater'
  | 'fillsEager'
  | 'fillsLater'
  | 'globalHanded'
  | 'fillsHanded'
  | 'callsUnknownHanded'
  | 'readsGlobal'
  | 'callsUnknown';

/**
 * Time at which code of a piece runs. `eager`: while the piece is evaluated. `handed`: whenever the call that makes the
 * piece's value runs its arguments. `later`: when a function that the piece only defines is called. Stored as a field
 * name of summaries.
 */
export type When = 'eager' | 'handed' | 'later';

type Uses = Record<When, number>;

const WHENS: readonly When[] = ['eager', 'handed', 'later'];

function noUses(): Uses {
  return { eager: 0, handed: 0, later: 0 };
}

/** Collects tokens, references and facts of one piece. */
export class Recorder {
  readonly #tokens: string[] = [];
  readonly #refs = new Map<string, { readonly slot: number; readonly ref: OpenRef }>();
  readonly #locals = new Map<Binding, number>();
  readonly #localUses = new Map<Binding, Uses>();
  readonly #bound: { readonly local: Binding; readonly to: Binding | OpenRef }[] = [];
  readonly #facts: Writable<Facts> = {};

  token(value: string): void {
    this.#tokens.push(value);
  }

  /** Number of a local name, by order of occurrence, so that renaming changes nothing. */
  local(binding: Binding): number {
    const known = this.#locals.get(binding);
    if (known !== undefined) return known;
    this.#locals.set(binding, this.#locals.size);
    return this.#locals.size - 1;
  }

  /** Emits the slot of a reference and records its uses. */
  refer(name: RefName, uses: number, when: When, line: number): OpenRef {
    const key = JSON.stringify([name.kind, name.name, name.member]);
    const found = this.#refs.get(key) ?? { slot: this.#refs.size, ref: { ...name, ...noUses(), line } };
    this.#refs.set(key, found);
    found.ref[when] |= uses;
    this.#tokens.push(`R${found.slot}`);
    return found.ref;
  }

  useLocal(binding: Binding, uses: number, when: When): void {
    const known = this.#localUses.get(binding) ?? noUses();
    known[when] |= uses;
    this.#localUses.set(binding, known);
  }

  /** Makes uses of `local` count as uses of the value it was taken from. */
  bind(local: Binding, to: Binding | OpenRef): void {
    this.#bound.push({ local, to });
  }

  addFact<K extends ListFact>(kind: K, fact: NonNullable<Facts[K]>[number]): void {
    const known: unknown[] = (this.#facts[kind] as unknown[] | undefined) ?? [];
    if (known.some((each) => JSON.stringify(each) === JSON.stringify(fact))) return;
    Object.assign(this.#facts, { [kind]: [...known, fact] });
  }

  hazard(finding: Finding): void {
    this.addFact('hazards', finding);
  }

  flag(name: Flag): void {
    this.#facts[name] = true;
  }

  escape(what: 'fields' | 'members'): void {
    if (this.#facts.escape !== 'members') this.#facts.escape = what;
  }

  finish(line: number): Part {
    this.#spreadUses();
    const refs = [...this.#refs.values()].map(({ ref: { handed, ...ref } }) => (handed ? { ...ref, handed } : ref));
    return { own: digestOf(this.#tokens.join('\n')), line, refs, facts: this.#facts };
  }

  #spreadUses(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const { local, to } of this.#bound) {
        const from = this.#localUses.get(local);
        if (!from) continue;
        const target = 'line' in to ? to : this.#usesOf(to);
        for (const when of WHENS) {
          const more = from[when] & ~target[when];
          changed ||= more !== 0;
          target[when] |= more;
        }
      }
    }
  }

  #usesOf(binding: Binding): Uses {
    const known = this.#localUses.get(binding) ?? noUses();
    this.#localUses.set(binding, known);
    return known;
  }
}
