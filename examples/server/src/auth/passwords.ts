import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** scrypt's cost as OWASP's password storage cheat sheet has it: N = 2^15, r = 8, p = 3 for 32 MiB. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 };

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, 32, COST, (error, key) => (error ? reject(error) : resolve(key))),
  );

/** What is kept of a password: `scrypt$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt)).toString('base64url')}`;
}

/** Whether it is the password. Without a hash it takes as long, so that names of users cannot be told by time. */
export async function verifyPassword(password: string, kept: string | undefined): Promise<boolean> {
  const [, salt = 'AAAAAAAAAAAAAAAAAAAAAA', hash = ''] = (kept ?? '').split('$');
  const key = await derive(password, Buffer.from(salt, 'base64url'));
  const wanted = Buffer.from(hash, 'base64url');
  return kept !== undefined && wanted.length === key.length && timingSafeEqual(wanted, key);
}

/** What is wrong with a new password, for people; undefined where nothing is (NIST SP 800-63B: length counts). */
export function weakness(password: string, username: string): string | undefined {
  if (password.length < 10) return 'A password has at least 10 characters.';
  if (password.toLowerCase().includes(username.toLowerCase())) return 'A password does not contain the user name.';
  if (new Set(password).size < 5) return 'A password has at least 5 different characters.';
  if (/^(password|passwort|qwert|12345|letmein|welcome|twinergy)/i.test(password))
    return 'This password is among the first that are tried.';
  return undefined;
}
