import { userInfo } from 'node:os';

/** Name of the OS user, or 'unknown'. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? 'unknown';
  }
}
