import crypto from 'node:crypto';
import { watchMethod } from '../../shared/disguise.ts';
import { noteCall } from './note-call.ts';

const RANDOM = [
  'randomUUID',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'generateKey',
  'generateKeySync',
  'generateKeyPair',
  'generateKeyPairSync',
  'generatePrime',
  'generatePrimeSync',
  'encapsulate',
  'publicEncrypt',
  'randomUUIDv7',
  'sign',
];
/** Methods of classes of `node:crypto` that make keys, or signatures that differ each time. */
const MAKERS = {
  Sign: ['sign'],
  ECDH: ['generateKeys'],
  DiffieHellman: ['generateKeys'],
  DiffieHellmanGroup: ['generateKeys'],
};
/** Algorithms of Web Crypto whose outcome is the same each time. */
const STEADY = /^(HMAC|Ed25519|Ed448|RSASSA-PKCS1-v1_5|AES-.*|ChaCha20-Poly1305|KMAC.*)$/i;
/** Names of `randomBytes` that are accessors. */
const ALIASES = ['pseudoRandomBytes', 'prng', 'rng'];

/** Observes chance: `Math.random`, `node:crypto` and Web Crypto. */
export function installChance(): void {
  watchMethod(Math, 'random', (wrapper) => noteCall('Math.random', wrapper));
  for (const key of RANDOM) watchMethod(crypto, key, (wrapper) => noteCall(`crypto.${key}`, wrapper));
  for (const key of ALIASES) {
    const descriptor = Object.getOwnPropertyDescriptor(crypto, key);
    if (!descriptor?.configurable) continue;
    const { enumerable = false } = descriptor;
    Object.defineProperty(crypto, key, { value: crypto.randomBytes, configurable: true, writable: true, enumerable });
  }
  // The accessors of `node:crypto` for these read them from here.
  const web = Object.getPrototypeOf(crypto.webcrypto) as object;
  for (const key of ['getRandomValues', 'randomUUID']) {
    watchMethod(web, key, (wrapper) => noteCall(`crypto.${key}`, wrapper));
  }
  watchMakers();
  watchSubtle();
}

function watchMakers(): void {
  for (const [name, keys] of Object.entries(MAKERS)) {
    const { prototype } = (crypto as unknown as Record<string, { readonly prototype: object }>)[name] ?? {};
    if (!prototype) continue;
    for (const key of keys) watchMethod(prototype, key, (wrapper) => noteCall(`crypto.${name}.${key}`, wrapper));
  }
}

function watchSubtle(): void {
  const subtle = Object.getPrototypeOf(crypto.webcrypto.subtle) as object;
  for (const key of ['generateKey', 'encapsulateBits', 'encapsulateKey'])
    watchMethod(subtle, key, (wrapper) => noteCall(`crypto.subtle.${key}`, wrapper));
  for (const [key, at] of [
    ['sign', 0],
    ['encrypt', 0],
    ['wrapKey', 3],
  ] as const) {
    watchMethod(subtle, key, (wrapper, args) => {
      const algorithm = args[at];
      const { name } = (typeof algorithm === 'object' && algorithm !== null ? algorithm : { name: algorithm }) as {
        readonly name?: unknown;
      };
      if (!STEADY.test(String(name))) noteCall(`crypto.subtle.${key}`, wrapper);
    });
  }
}
