import { VarveError } from '../contract/index.ts';

/**
 * Throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a class that copying fields could not restore: `#private` fields cannot be
 * seen from outside, nor can the inside of a built-in such as Map. `hint`: the way out that the serializer has.
 */
export function requireVisibleFields(registered: object, name: string, hint: string): void {
  let at: object | null = registered;
  while (typeof at === 'function' && at !== Function.prototype) {
    const source = Function.prototype.toString.call(at);
    if (/\{\s*\[native code\]\s*\}$/.test(source)) {
      throw classMistake(`class "${name}" extends the built-in ${at.name}, whose inside is no field`, hint);
    }
    if (/#[\p{ID_Start}$_]/u.test(source)) {
      throw classMistake(`class "${name}" seems to have #private fields, which cannot be seen from outside`, hint);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
}

/** A registration of a class that cannot be used. */
export function classMistake(message: string, hint: string): VarveError {
  return new VarveError('VARVE_SERIALIZER_CLASS', message, { hint });
}
