import { readFile } from 'node:fs/promises';
import type { Row } from './models.ts';

const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'] as const;
const MEASUREMENTS = ['Beak Length (mm)', 'Beak Depth (mm)', 'Flipper Length (mm)', 'Body Mass (g)'] as const;

/** A penguin as its observers wrote it down; `null` for a missing measurement. */
export type Sighting = { readonly Species: (typeof SPECIES)[number] } & {
  readonly [M in (typeof MEASUREMENTS)[number]]: number | null;
};

/** Reads the Palmer Archipelago penguins, 344 of them, out of the npm package vega-datasets. */
export async function readPenguins(): Promise<Sighting[]> {
  const file = new URL('../data/penguins.json', import.meta.resolve('vega-datasets'));
  return JSON.parse(await readFile(file, 'utf8'));
}

/** One row, or none when a measurement is missing. */
export function toRow(sighting: Sighting): Row[] {
  const features = MEASUREMENTS.map((name) => sighting[name]).filter((value) => value !== null);
  return features.length === MEASUREMENTS.length ? [{ features, species: SPECIES.indexOf(sighting.Species) }] : [];
}
