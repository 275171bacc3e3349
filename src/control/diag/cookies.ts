import { ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NO_COOKIE } from '../../netlink/diag/sock-diag.js';

/**
 * Cookies tell sockets apart that have the same names one after the other. A socket gets its own when somebody first asks.
 * Linux: sock_gen_cookie()
 */
export class Cookies {
  readonly #cookies = new WeakMap<object, number>();
  #last = 0;

  of(socket: object): number {
    let cookie = this.#cookies.get(socket);
    if (cookie === undefined) {
      cookie = ++this.#last;
      this.#cookies.set(socket, cookie);
    }
    return cookie;
  }

  /** Linux: sock_diag_check_cookie(), for requests that name one socket. ENOENT when the cookie is another's. */
  check(socket: object, asked: { readonly cookie0: number; readonly cookie1: number }): void {
    if (asked.cookie0 === NO_COOKIE && asked.cookie1 === NO_COOKIE) return;
    const cookie = this.of(socket);
    if (asked.cookie0 !== cookie >>> 0 || asked.cookie1 !== Math.floor(cookie / 0x1_0000_0000)) fail(ENOENT);
  }
}

/** The two words of struct inet_diag_sockid and its like. */
export const cookieWords = (cookie: number) => ({ cookie0: cookie >>> 0, cookie1: Math.floor(cookie / 0x1_0000_0000) });
