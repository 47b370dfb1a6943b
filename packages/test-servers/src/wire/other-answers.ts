import type { Reply } from './faults.ts';

/** As of a captive portal. */
export const WEB_PAGE: Reply = typed('text/html', '<html><body>Log in</body></html>');

/** What something between a store and its service may answer instead of it, whatever the service. */
export const OTHER_ANSWERS: readonly (readonly [string, Reply])[] = [
  ['a web page', WEB_PAGE],
  ['nothing', { status: 200, headers: {}, body: Buffer.alloc(0) }],
  ['no content', { status: 204, headers: {}, body: Buffer.alloc(0) }],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: Buffer.alloc(0) }],
];

/** A success with a text of this type. */
export function typed(type: string, text: string): Reply {
  return { status: 200, headers: { 'content-type': type }, body: Buffer.from(text) };
}
