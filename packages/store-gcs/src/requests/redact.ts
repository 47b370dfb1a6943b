/** What tokens, keys and addresses of uploads look like: whoever has one may act as its owner. */
const SECRETS = [
  /ya29\.[\w.~+/=-]+/g,
  /\bBearer\s+[^\s"',]+/gi,
  /\bupload_id=[^&\s"']+/g,
  /-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g,
  /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g,
  /("?(?:private_key|private_key_id|client_secret|refresh_token|access_token|id_token|assertion)"?\s*[:=]\s*)("[^"]*"|[^\s,&}]+)/gi,
];
const MAX_LENGTH = 400;

/** Fields of credentials that are no secrets. */
const PUBLIC = /^(?:type|client_email|client_id|project_id|quota_project_id|universe_domain|.*_ur[il]|audience)$/;
/** A shorter text may be part of an ordinary word. */
const MIN_SECRET = 8;

/** Texts of the user's own credentials that no message may contain. */
export function secretsOf(credentials: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.entries(credentials ?? {}).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null) return secretsOf(value as Record<string, unknown>);
    return typeof value === 'string' && value.length >= MIN_SECRET && !PUBLIC.test(name) ? [value] : [];
  });
}

/** Makes words of the service or of the SDK fit for a message: one line, not too long, without secrets. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let safe = text;
  for (const secret of secrets) safe = safe.replaceAll(secret, '[secret]');
  for (const pattern of SECRETS) safe = safe.replace(pattern, '[secret]');
  const line = safe.replace(/\p{Cc}+/gu, ' ').trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
