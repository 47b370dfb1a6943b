import type { Agent } from 'node:http';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address, as curl reads `HTTPS_PROXY` and `NO_PROXY`. Addresses with `http:`
 * are emulators nearby and need none.
 */
export function proxyFor(url: URL, env: Environment): string | undefined {
  const named = env.HTTPS_PROXY ?? env.https_proxy ?? '';
  const exceptions = (env.NO_PROXY ?? env.no_proxy ?? '').split(/[\s,]+/).filter((name) => name !== '');
  if (named === '' || url.protocol === 'http:') return undefined;
  return exceptions.some((name) => covers(name, url)) ? undefined : named;
}

function covers(exception: string, url: URL): boolean {
  if (exception === '*') return true;
  const [name = '', port] = exception
    .toLowerCase()
    .replace(/^\*?\./, '')
    .split(':');
  if (port !== undefined && port !== (url.port || '443')) return false;
  return url.hostname === name || url.hostname.endsWith(`.${name}`);
}

/** `undefined` when no proxy is meant for this address. */
export async function proxyAgent(url: URL, env: Environment): Promise<Agent | undefined> {
  const proxy = proxyFor(url, env);
  if (proxy === undefined) return undefined;
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return new HttpsProxyAgent(proxy, { keepAlive: true });
}
