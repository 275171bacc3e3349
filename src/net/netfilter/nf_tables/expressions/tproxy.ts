import { EAFNOSUPPORT, EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { tproxy as schema } from '../../../../netlink/nfnl/expressions/tproxy.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as ip from '../../../../wire/ipv4.js';
import * as ip6 from '../../../../wire/ipv6.js';
import * as tcp from '../../../../wire/tcp.js';
import * as udp from '../../../../wire/udp.js';
import { PRE_ROUTING } from '../../../core/hooks.js';
import type { NetDevice } from '../../../core/device.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind, loadRegister, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { swap16, swap32 } from './bytes.js';
import { findEstablished, findListening } from './socket-lookup.js';

/** What a redirection without an address goes to: the first of the device that it came in by. Linux: nf_tproxy_laddr4(), nf_tproxy_laddr6() */
function addressOf(input: NetDevice | null, packet: PacketInfo, four: boolean, into: Uint32Array): void {
  const { view, networkHeader: at } = packet.skb;
  if (four) {
    into[0] = input?.ipv4?.addresses[0]?.local ?? ip.destination(view, at);
    return;
  }
  const held = input?.ipv6?.addresses.find(({ address }) => !ip6.isLinkLocal(address));
  if (held !== undefined) into.set(held.address);
  else for (let i = 0; i < 4; i++) into[i] = view.getUint32(at + ip6.DESTINATION + 4 * i);
}

/**
 * Gives the packet, unchanged, to a socket of this host that takes what is not for it (IP_TRANSPARENT): the one of its connection, else
 * one that listens at `address` and `port` (zero: any, the packet's own). False: there is none. Linux: nft_tproxy_eval_v4(), _v6()
 */
export function assignSocket(packet: PacketInfo, address: Uint32Array, port: number): boolean {
  const { skb, transport, protocol } = packet;
  if (protocol !== tcp.PROTOCOL && protocol !== udp.PROTOCOL) return false;
  if (transport < 0 || packet.fragmentOffset !== 0 || transport + 8 > skb.tail) return false;
  const four = packet.networkFamily === NFPROTO_IPV4;
  let socket = findEstablished(packet);
  if (socket === null) {
    if (address.every((word) => word === 0)) addressOf(packet.input, packet, four, address);
    socket = findListening(packet, address, port === 0 ? skb.view.getUint16(transport + 2) : port);
  }
  if (socket === null || !socket.transparent) return false;
  skb.socket = socket;
  return true;
}

const address = new Uint32Array(4);

/** [ tproxy ip addr reg 1 port reg 2 ] */
class Tproxy extends Expression {
  constructor(
    readonly family: number,
    readonly addressWord: number | null,
    readonly portWord: number | null,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const family = packet.networkFamily;
    if (family !== NFPROTO_IPV4 && family !== NFPROTO_IPV6) return BREAK;
    if ((this.family === NFPROTO_IPV4 || this.family === NFPROTO_IPV6) && this.family !== family) return BREAK;
    const { registers } = packet;
    address.fill(0);
    if (this.addressWord !== null)
      for (let i = 0; i < (family === NFPROTO_IPV4 ? 1 : 4); i++) address[i] = swap32(registers[this.addressWord + i]!);
    const port = this.portWord === null ? 0 : swap16(registers[this.portWord]!);
    return assignSocket(packet, address, port) ? CONTINUE : BREAK;
  }

  override get reads(): readonly (readonly [number, number])[] {
    const reads: [number, number][] = [];
    if (this.addressWord !== null) reads.push([this.addressWord, this.family === NFPROTO_IPV4 ? 1 : 4]);
    if (this.portWord !== null) reads.push([this.portWord, 1]);
    return reads;
  }

  override validate({ hook }: BaseChain): void {
    if (hook !== PRE_ROUTING) fail(EOPNOTSUPP);
  }

  describe() {
    return {
      family: this.family,
      ...(this.addressWord === null ? {} : { regAddr: showRegister(this.addressWord) }),
      ...(this.portWord === null ? {} : { regPort: showRegister(this.portWord) }),
    };
  }
}

// Linux: nft_tproxy_init()
export const tproxy = expressionKind(schema, (values, { table }) => {
  const { family, regAddr, regPort } = values;
  if (family === undefined || (regAddr === undefined && regPort === undefined)) return fail(EINVAL);
  if (table.family === NFPROTO_IPV4 || table.family === NFPROTO_IPV6) {
    if (family !== table.family) return fail(EINVAL);
  } else if (table.family !== NFPROTO_INET) return fail(EOPNOTSUPP);
  // Of an unnamed family there is no address.
  if (regAddr !== undefined && family !== NFPROTO_IPV4 && family !== NFPROTO_IPV6) return fail(EINVAL);
  if (family !== 0 && family !== NFPROTO_IPV4 && family !== NFPROTO_IPV6) return fail(EAFNOSUPPORT);
  return new Tproxy(
    family,
    regAddr === undefined ? null : loadRegister(regAddr, family === NFPROTO_IPV4 ? 4 : 16),
    regPort === undefined ? null : loadRegister(regPort, 2),
  );
});
