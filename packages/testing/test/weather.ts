/** What a flow imports and its tests replace. */
export async function readWeather(): Promise<string> {
  throw new Error('no network in tests');
}
