import { userInfo } from 'node:os';

/** Who is at work here. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? 'unknown';
  }
}
