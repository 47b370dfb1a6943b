import type { Reply } from '../wire/index.ts';

/** An error that S3 names, on its way to the answer. */
export class S3Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Further elements of the error document. */
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The answer to a request that is refused, as S3 writes it. */
export function s3Refusal(
  status: number,
  code: string,
  message = code,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const reply = xmlReply(tag('Error', tags({ Code: code, Message: message, ...fields, RequestId: 'double' })), status);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

export function xmlReply(document: string, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/xml', ...headers },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`),
  };
}

export function emptyReply(status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: Buffer.alloc(0) };
}

/** An element with XML inside. */
export function tag(name: string, inside: string): string {
  return `<${name}>${inside}</${name}>`;
}

/** Elements with text inside, one for each field. */
export function tags(fields: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(fields)
    .map(([name, value]) => tag(name, escapeXml(String(value))))
    .join('');
}

/** The text of each element of that name, anywhere in a document. */
export function texts(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&#34;', '"')
      .replaceAll('&amp;', '&'),
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
