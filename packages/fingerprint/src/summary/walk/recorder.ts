import type { Binding } from '../../ast/scopes.ts';
import { digestOf } from '../../format.ts';
import { type Facts, type Finding, type Part, type Ref, Use } from '../summary.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type RefName = Pick<Ref, 'kind' | 'name' | 'member'>;
type OpenRef = RefName & Uses & { line: number };
type ListFact = 'hazards' | 'purity' | 'assigns';
type Flag = 'project' | 'place';

/**
 * Time at which code of a piece runs. `eager`: while the piece is evaluated. `later`: when a function that it defines is
 * called. Stored as a field name of summaries.
 */
export type When = 'eager' | 'later';

/** Uses of local names besides those of references: they change the object itself, but nothing that it holds. */
export const Shallow = { Assign: 1024, Method: 2048 } as const;

const REF_USES = 0x3ff;

type Uses = Record<When, number>;

const WHENS: readonly When[] = ['eager', 'later'];

function noUses(): Uses {
  return { eager: 0, later: 0 };
}

/** Collects tokens, references and facts of one piece. */
export class Recorder {
  readonly #tokens: string[] = [];
  readonly #refs = new Map<string, { readonly slot: number; readonly ref: OpenRef }>();
  readonly #locals = new Map<Binding, number>();
  readonly #localUses = new Map<Binding, Uses>();
  readonly #bound: { readonly local: Binding; readonly to: Binding | OpenRef; readonly isCopy: boolean }[] = [];
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

  /** Makes uses of `local` count as uses of the value it was taken from, or copied from. */
  bind(local: Binding, to: Binding | OpenRef, isCopy = false): void {
    this.#bound.push({ local, to, isCopy });
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
    const refs = [...this.#refs.values()].map(({ ref }) => ref);
    return { own: digestOf(this.#tokens.join('\n')), line, refs, facts: this.#facts };
  }

  #spreadUses(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const { local, to, isCopy } of this.#bound) {
        const from = this.#localUses.get(local);
        if (!from) continue;
        const target = 'line' in to ? to : this.#usesOf(to);
        for (const when of WHENS) {
          const shared = isCopy ? from[when] & REF_USES : from[when];
          const more = ('line' in to ? spelledOut(shared) : shared) & ~target[when];
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

/** Uses of a reference that uses of a local name stand for. */
function spelledOut(uses: number): number {
  const assigned = uses & Shallow.Assign ? Use.Assign : 0;
  const called = uses & Shallow.Method ? Use.Method : 0;
  return (uses & REF_USES) | assigned | called;
}
