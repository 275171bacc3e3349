import { isPaused } from './fastopen-blackhole.js';
import { type KnownServer, TFO_CLIENT, TFO_CLIENT_NO_COOKIE } from './fastopen-cookie.js';
import type { Tcb } from './tcb.js';

/** Fast Open at the client (RFC 7413 4.2.1): cookies are asked for, kept by server, and let data go with the SYN. */

// enum tcp_fastopen_client_fail
const COOKIE_UNAVAILABLE = 1;

const NO_COOKIE = new Uint8Array(0);
/** Room for options that data of a SYN leaves in any case. */
const MAX_OPTIONS = 40;

export const clientEnabled = (sk: Tcb): boolean => (sk.tcp.settings.fastopen & TFO_CLIENT) !== 0;

/** What is known of the server; where cookies are not needed, a server of which nothing is known will do. */
export function knownServer(sk: Tcb): KnownServer | null {
  return sk.tcp.fastOpenCache.get(sk.remote.words);
}

const withoutCookie = (sk: Tcb): boolean => (sk.tcp.settings.fastopen & TFO_CLIENT_NO_COOKIE) !== 0 || sk.fastopenNoCookie;

/** Whether data may go with the SYN at once. */
export const mayOpenFast = (sk: Tcb): boolean => !isPaused(sk) && (withoutCookie(sk) || knownServer(sk) !== null);

/** The option of the SYN: the cookie, empty to ask for one; null: none is needed. */
export function fastOpenOption(sk: Tcb): Uint8Array | null {
  if (isPaused(sk) || withoutCookie(sk)) return null;
  const server = knownServer(sk);
  if (server !== null) return server.cookie;
  sk.fastopenFail = COOKIE_UNAVAILABLE;
  return NO_COOKIE;
}

/** Bytes of data that fit into the SYN. */
export function synRoom(sk: Tcb): number {
  const known = knownServer(sk);
  const header = sk.transport!.layer.headerBytes + 20;
  const path = sk.pmtu - header;
  return Math.max(0, Math.min(known === null ? path : Math.min(path, known.mss), path) - MAX_OPTIONS);
}
