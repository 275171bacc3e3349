import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as keys from '../../../../netlink/nfnl/expressions/socket.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as tcpWire from '../../../../wire/tcp.js';
import * as udpWire from '../../../../wire/udp.js';
import type { InetSocket } from '../../../core/inet-socket.js';
import { Expression, expressionKind, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { findSocket } from './socket-lookup.js';

const sizes = new Map([
  [keys.NFT_SOCKET_TRANSPARENT, 1],
  [keys.NFT_SOCKET_MARK, 4],
  [keys.NFT_SOCKET_WILDCARD, 1],
  [keys.NFT_SOCKET_CGROUPV2, 8],
]);

/** [ socket load transparent => reg 1 ]: of the socket that the packet is for, or comes from. None: no match. Linux: nft_socket_eval() */
class SocketLoad extends Expression {
  constructor(
    readonly key: number,
    readonly word: number,
    readonly level: number | undefined,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { transport, protocol, fragmentOffset, skb } = packet;
    const known = protocol === tcpWire.PROTOCOL || protocol === udpWire.PROTOCOL;
    if (!known || transport < 0 || fragmentOffset !== 0 || transport + 8 > skb.tail) return BREAK;
    const socket = (skb.socket as InetSocket | null) ?? (packet.input === null ? null : findSocket(packet));
    if (socket === null) return BREAK;
    const { registers } = packet;
    switch (this.key) {
      case keys.NFT_SOCKET_TRANSPARENT:
        registers[this.word] = socket.transparent ? 1 : 0;
        return CONTINUE;
      case keys.NFT_SOCKET_MARK:
        registers[this.word] = socket.mark | 0;
        return CONTINUE;
      case keys.NFT_SOCKET_WILDCARD:
        registers[this.word] = boundToAny(socket) ? 1 : 0;
        return CONTINUE;
      default:
        // Nothing here is in a cgroup.
        return BREAK;
    }
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(sizes.get(this.key)!)]];
  }

  describe() {
    return {
      key: this.key,
      dreg: showRegister(this.word),
      ...(this.key === keys.NFT_SOCKET_CGROUPV2 ? { level: this.level ?? 0 } : {}),
    };
  }
}

/** Bound to 0.0.0.0 or ::, the former mapped too. */
function boundToAny(socket: InetSocket): boolean {
  const { words } = socket.local;
  return words[0] === 0 && words[1] === 0 && words[3] === 0 && (words[2] === 0 || words[2] === 0xffff);
}

export const socket = expressionKind(keys.socket, (values, { table }) => {
  if (table.family !== NFPROTO_IPV4 && table.family !== NFPROTO_IPV6 && table.family !== NFPROTO_INET) return fail(EOPNOTSUPP);
  const key = values.key ?? fail(EINVAL);
  if (values.dreg === undefined) return fail(EINVAL);
  const bytes = sizes.get(key) ?? fail(EOPNOTSUPP);
  if (key === keys.NFT_SOCKET_CGROUPV2 && (values.level === undefined || values.level > 255)) return fail(EOPNOTSUPP);
  return new SocketLoad(key, storeRegister(values.dreg, bytes), values.level);
});
