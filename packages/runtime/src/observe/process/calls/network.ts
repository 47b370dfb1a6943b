import { subscribe } from 'node:diagnostics_channel';
import { ambientInputs } from '@varve/core/internal';
import { isWithin } from '../../asking/asker.ts';
import { type AnyFunction, watchMethod } from '../../shared/disguise.ts';
import { openBinding, prototypeOf, watchNative } from './bindings.ts';
import { noteCallOf } from './note-call.ts';

/** Calls that stand for the network. One of them is enough: a `fetch` looks up a host and opens a socket, too. */
const NETWORK = ['fetch', 'http.request', 'undici', 'net', 'tls', 'dgram', 'dns'];

/** Ways of a stream to write. */
const WRITES = ['writev', 'writeBuffer', 'writeUtf8String', 'writeAsciiString', 'writeLatin1String', 'writeUcs2String'];

/**
 * Observes the network, down to what is written to a connection that an earlier task has opened. `WebSocket` and
 * `EventSource` are left alone: a look at them loads all that is behind `fetch`, and they are seen by its channels.
 */
export function installNetwork(): void {
  watchMethod(globalThis, 'fetch', (wrapper) => noteNetwork('fetch', wrapper));
  const onChannel = (channel: string, call: string) => {
    const listener = () => noteNetwork(call, listener);
    subscribe(channel, listener);
  };
  // Earlier than the native calls, and still below the code that asked. Newer versions of Node know more of them.
  onChannel('http.client.request.created', 'http.request');
  onChannel('net.client.socket', 'net');
  onChannel('http.client.request.start', 'http.request');
  onChannel('undici:request:create', 'undici');
  onChannel('udp.socket', 'dgram');
  watchSockets();
}

function noteNetwork(call: string, callee: AnyFunction): void {
  const inputs = ambientInputs();
  if (inputs === undefined || NETWORK.some((name) => name !== call && inputs.hasCall(name))) return;
  // A request opens its socket first.
  const isRequest = !inputs.hasCall(call) && isWithin(callee, 'node:_http_client');
  noteCallOf(inputs, isRequest ? 'http.request' : call, callee);
}

function watchSockets(): void {
  const tcp = prototypeOf(openBinding('tcp_wrap'), 'TCP');
  let isTlsWatched = false;
  const note = (call: string) => (wrapper: AnyFunction) => noteNetwork(call, wrapper);
  for (const key of ['connect', 'connect6']) {
    watchNative(tcp, key, (wrapper) => {
      // TLS runs over a socket, and its native side is loaded by then.
      if (!isTlsWatched) isTlsWatched = watchTls();
      noteNetwork('net', wrapper);
    });
  }
  for (const key of ['listen', ...WRITES]) watchNative(tcp, key, note('net'));
  watchNative(prototypeOf(openBinding('pipe_wrap'), 'Pipe'), 'connect', note('net'));
  const udp = prototypeOf(openBinding('udp_wrap'), 'UDP');
  for (const key of ['send', 'send6']) watchNative(udp, key, note('dgram'));
  watchNames();
}

/** Looks-up of hosts. */
function watchNames(): void {
  const names = openBinding('cares_wrap');
  const note = (wrapper: AnyFunction) => noteNetwork('dns', wrapper);
  for (const key of ['getaddrinfo', 'getnameinfo']) watchNative(names, key, note);
  const channel = prototypeOf(names, 'ChannelWrap');
  const queries = Object.getOwnPropertyNames(channel ?? {}).filter((key) =>
    /^(query|getHostByAddr|getServers$)/.test(key),
  );
  for (const key of queries) watchNative(channel, key, note);
}

/** Returns false while no TLS is loaded. */
function watchTls(): boolean {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList?: readonly string[] };
  if (!moduleLoadList?.includes('Internal Binding tls_wrap')) return false;
  const tls = prototypeOf(openBinding('tls_wrap'), 'TLSWrap');
  for (const key of WRITES) watchNative(tls, key, (wrapper) => noteNetwork('tls', wrapper));
  return true;
}
