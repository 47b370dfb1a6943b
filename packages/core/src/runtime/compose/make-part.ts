import {
  type Kind,
  type Kinds,
  type Plugin,
  type PluginContext,
  StoreError,
  VarveError,
} from '../../contract/index.ts';

/** Lets a plugin make its part. What it throws that says nothing to people is named with the plugin. */
export async function makePart<K extends Kind>(kind: K, plugin: Plugin<K>, context: PluginContext): Promise<Kinds[K]> {
  try {
    return await plugin.provides[kind](context);
  } catch (error) {
    if (VarveError.is(error) || StoreError.is(error)) throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new VarveError('VARVE_CONFIG', `the plugin ${plugin.name} could not make its ${kind}: ${what}`, {
      cause: error,
      hint: 'Check what the plugin is given in varve.config.ts; --debug shows where in the plugin it failed.',
    });
  }
}
