import type { RandomSource } from '../../base/random.js';
import type { InetSocket } from './inet-socket.js';
import { SOL_SOCKET } from './socket-options.js';

export const SO_TXREHASH = 74;

/** What a socket's flow is told apart by on its way: any number but 0. Linux: sk_set_txhash() */
export const newTxHash = (random: RandomSource): number => random.u32() || 1;

/** The way may be broken: another label may lead another way (net.core.txrehash). True: it has one. Linux: sk_rethink_txhash() */
export function rethinkTxHash(socket: InetSocket): boolean {
  const { namespace } = socket;
  if (socket.txHash === 0 || socket.kept.get(SOL_SOCKET, SO_TXREHASH, namespace.core.txrehash) !== 1) return false;
  socket.txHash = newTxHash(namespace.stack.random);
  return true;
}
