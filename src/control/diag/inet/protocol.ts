import type { Namespace } from '../../../net/core/namespace.js';
import type { InetDiagAttributes, InetDiagRequest } from '../../../netlink/diag/inet.js';
import type { InetEntry } from './entry.js';

/** The sockets of one transport protocol (struct inet_diag_handler). */
export interface InetDiagProtocol {
  /** IPPROTO_* */
  readonly protocol: number;
  /** Fills `entry` with one socket of `family` after the other, and yields once for each that is in one of `states`. */
  entries(namespace: Namespace, family: number, states: number, entry: InetEntry): IterableIterator<void>;
  /** Fills `entry` with the socket that a request names; false: there is none. */
  find(namespace: Namespace, request: InetDiagRequest, entry: InetEntry): boolean;
  /** Attributes of this protocol alone; `ext` has a bit for each that was asked for. */
  describe?(entry: InetEntry, ext: number, netAdmin: boolean): InetDiagAttributes;
  /** Ends the socket in `entry`, for SOCK_DESTROY. */
  destroy(entry: InetEntry): void;
}

/** Whether `state` is one of the bits in `states`. */
export const stateWanted = (states: number, state: number): boolean => (states & (1 << state)) !== 0;

/** The words of one side of struct inet_diag_sockid as sockets keep addresses: IPv4's in mapped form. */
export function readWords(family: number, w0: number, w1: number, w2: number, w3: number, into: Uint32Array): Uint32Array {
  if (family === 10) {
    into[0] = w0;
    into[1] = w1;
    into[2] = w2;
    into[3] = w3;
  } else {
    into[0] = 0;
    into[1] = 0;
    into[2] = 0xffff;
    into[3] = w0;
  }
  return into;
}
