export type Env = Readonly<Record<string, string | undefined>>;

const HIDDEN = '[secret]';
/** What keys, tokens and addresses with a right in them look like. */
const SECRETS: readonly [RegExp, string][] = [
  [/\/\/[^/\s:@]*:[^/\s@]*@/g, `//${HIDDEN}@`],
  [/\/\/[^/\s:@]+@/g, `//${HIDDEN}@`],
  [/([?&](?:[\w-]*(?:token|signature|credential|secret|password|key|auth|upload_id)|sig)=)[^&\s"']+/gi, `$1${HIDDEN}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, HIDDEN],
  [/\bya29\.[\w.~+/=-]+/g, HIDDEN],
  [/\b(?:gh[pousr]|github_pat|glpat|npm|xox[abp])[_-][\w-]{16,}/g, HIDDEN],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[^\s"',]+/gi, `$1 ${HIDDEN}`],
  [/-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g, HIDDEN],
  [
    /("?\b[\w-]*(?:secret[_-]?access[_-]?key|session[_-]?token|access[_-]?key[_-]?id|access[_-]?token|auth[_-]?token|private[_-]?key(?:[_-]?id)?|client[_-]?secret|refresh[_-]?token|api[_-]?key|passw(?:or)?d|secret)"?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,&}]+)/gi,
    `$1${HIDDEN}`,
  ],
];
/** Names of variables whose values are secrets, and of those that only name a file with one. */
const SECRET_NAME = /SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_KEY(?:_|$)|^KEY_|_PAT$/i;
const FILE_NAME = /_(?:FILE|PATH|DIR|FOLDER)$|^GOOGLE_APPLICATION_CREDENTIALS$/i;
/** A shorter value may be part of an ordinary word. */
const MIN_LENGTH = 6;

/** Takes secrets out of a text: those of the environment by their value, others by their look. */
export function redact(text: string, env: Env): string {
  return redactAll([text], env)[0] ?? '';
}

/** The same for several texts. */
export function redactAll(texts: readonly string[], env: Env): string[] {
  const secrets = secretsOf(env);
  return texts.map((text) => clean(text, secrets));
}

function clean(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) safe = safe.replaceAll(secret, HIDDEN);
  for (const [pattern, hidden] of SECRETS) safe = safe.replace(pattern, hidden);
  return safe;
}

/** Longest first: one secret may begin with another. */
function secretsOf(env: Env): string[] {
  const values = Object.entries(env).flatMap(([name, value = '']) => {
    if (!SECRET_NAME.test(name) || FILE_NAME.test(name)) return [];
    // A message may hold one line of a key.
    return [value, encodeURIComponent(value), ...value.split(/\r?\n/), ...leavesOf(value)];
  });
  return [...new Set(values)].filter((value) => value.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
}

/** Texts inside of a value that is JSON: a key of a service account, for one. */
function leavesOf(value: string): string[] {
  if (!value.trimStart().startsWith('{')) return [];
  try {
    const fields = Object.entries(JSON.parse(value) as Readonly<Record<string, unknown>>);
    return fields.flatMap(([name, leaf]) => (typeof leaf === 'string' && SECRET_NAME.test(name) ? [leaf] : []));
  } catch {
    return [];
  }
}
