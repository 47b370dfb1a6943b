import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import { commonJs, type LoadedModule } from './common-js.ts';

type Parent = LoadedModule | undefined;

/** The load that resolves its name next. */
let loading: readonly [request: string, parent: Parent] | undefined;

/** Called with the inputs of whoever asks; `path` is missing when nothing is there. */
type OnResolve = (inputs: AmbientInputs, request: string, parent: Parent, path: string | undefined) => void;

/** Listens to names that are resolved but not loaded, as `require.resolve` does. Call it once a thread. */
export function observeResolving(onResolve: OnResolve): void {
  const resolve = commonJs._resolveFilename;
  commonJs._resolveFilename = function _resolveFilename(request: string, parent: Parent, ...more: [boolean, unknown?]) {
    const pass = () => Reflect.apply(resolve, this, [request, parent, ...more]) as string;
    const inputs = ambientInputs();
    if (inputs === undefined || typeof request !== 'string' || isOfLoad(request, parent)) return pass();
    let path: string | undefined;
    try {
      path = pass();
      return path;
    } finally {
      onResolve(inputs, request, parent, path);
    }
  };
}

function isOfLoad(request: string, parent: Parent): boolean {
  if (loading === undefined || loading[0] !== request || loading[1] !== parent) return false;
  loading = undefined;
  return true;
}

/** Passes a load on, whose own search for its file is none of `onResolve`'s. */
export function whileLoading(request: string, parent: Parent, pass: () => unknown): unknown {
  loading = [request, parent];
  try {
    return pass();
  } finally {
    loading = undefined;
  }
}
