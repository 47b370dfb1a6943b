import 'reflect-metadata';
import type { Kind, Kinds, Plugin, PluginContext } from '@varve/core/contract';
import { makePart } from '@varve/core/internal';
import { type DependencyContainer, container as globalContainer, type InjectionToken } from 'tsyringe';

const token = <K extends Kind>(kind: K): InjectionToken<Kinds[K]> => Symbol.for(`varve.${kind}`);

/**
 * Holds the parts of one opened setup. Every setup has a child container of its own: nothing is registered globally,
 * and plugins never see it. Parts are plain objects made by plugins, so nothing here depends on decorators.
 */
export class PartContainer {
  private readonly container: DependencyContainer = globalContainer.createChildContainer();
  private readonly closers: (() => Promise<void> | undefined)[] = [];

  /** Makes the part and keeps it until `close`. */
  async add<K extends Kind>(kind: K, plugin: Plugin<K>, context: PluginContext): Promise<Kinds[K]> {
    const part = await makePart(kind, plugin, context);
    this.container.registerInstance<Kinds[K]>(token(kind), part);
    this.closers.unshift(() => (part as { close?(): Promise<void> }).close?.());
    return part;
  }

  get<K extends Kind>(kind: K): Kinds[K] {
    return this.container.resolve<Kinds[K]>(token(kind));
  }

  /** Closes what was made, last first; tsyringe disposes only of what it constructed itself. */
  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
    this.container.reset();
  }
}
