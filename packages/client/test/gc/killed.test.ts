import { expect, it } from 'vitest';
import { DAY, World } from './world.ts';

async function filled(): Promise<World> {
  const world = new World();
  const [old] = await world.runs(3);
  await world.runs(1, { flow: 'Other' });
  await world.runs(1, old ? { from: old } : {});
  await world.clock.advance(40 * DAY);
  return world;
}

it('a garbage collection killed at any deletion leaves the rest readable, and the next one finishes it', async () => {
  const whole = await filled();
  await whole.collect({ keepLast: 1 });
  const deletions = whole.store.count('delete');
  expect(deletions).toBeGreaterThan(25);
  for (let n = 1; n <= deletions; n++) {
    const world = await filled();
    let deleted = 0;
    world.store.fault = ({ call }) => {
      if (call === 'delete') deleted++;
      return deleted >= n ? { error: new Error('killed') } : undefined;
    };
    await expect(world.collect({ keepLast: 1 })).rejects.toThrow('killed');
    world.store.fault = undefined;
    await world.readAll();
    // The lease of the killed collection expires after a minute.
    await world.clock.advance(61_000);
    await world.collect({ keepLast: 1 });
    await world.readAll();
    expect(
      world.store.keys().filter((key) => !key.startsWith('leases/')),
      `killed at ${n}`,
    ).toEqual(whole.store.keys());
    expect(world.store.keys('leases/'), `killed at ${n}`).toEqual([]);
  }
});
