import { AF_INET, AF_INET6, AF_UNSPEC } from '../../netlink/constants.js';
import { setIpv4Address } from '../../net/core/inet-socket.js';
import { SocketAddress } from '../../net/core/socket.js';
import { readIpv4 } from '../../wire/ipv4-address.js';
import { parseIpv4 } from '../../wire/ipv4-address.js';
import { addressFromBytes, isMapped } from '../../wire/ipv6.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import type { Expression } from '../language/ast.js';
import { ipv4Bytes } from '../../wire/ipv4-address.js';
import type { Endpoint } from '../packets/live-packet.js';
import { describe, field, fields, integer } from './arguments.js';
import { type Machine, refuse } from './machine.js';

/** An address for a socket of the script's family: IPv4's in mapped form for sockets of IPv6. */
export function socketAddress(machine: Machine, { address, port }: Endpoint): SocketAddress {
  const result = new SocketAddress();
  if (address.length === 4) {
    setIpv4Address(result, readIpv4(address), port);
    if (machine.config.ipVersion === 'ipv4-mapped-ipv6') result.family = AF_INET6;
    return result;
  }
  result.family = AF_INET6;
  result.words.set(addressFromBytes(address));
  result.port = port;
  return result;
}

/** A written address, or `open` for `...`. */
export function readAddress(machine: Machine, expression: Expression | undefined, open: Endpoint): SocketAddress {
  if (expression === undefined || expression.kind === 'ellipsis') return socketAddress(machine, open);
  if (expression.kind === 'word' && expression.name === 'AF_UNSPEC') return new SocketAddress();
  const all = fields(expression, 'address');
  const family = integer(field(all, 'sa_family') ?? field(all, 'sin_family'), 'sa_family');
  const address = new SocketAddress();
  address.family = family;
  if (family === AF_UNSPEC) return address;
  const portField = field(all, 'sin_port') ?? field(all, 'sin6_port');
  address.port = portField === undefined ? 0 : integer(portField, 'port');
  const host = field(all, 'sin_addr') ?? field(all, 'sin6_addr');
  const text = host?.kind === 'call' && host.args[0]?.kind === 'string' ? host.args[0].text : host?.kind === 'string' ? host.text : '';
  const v4 = parseIpv4(text);
  if (v4 !== null) {
    setIpv4Address(address, v4, address.port);
    address.family = family;
    return address;
  }
  const v6 = parseIpv6(text) ?? refuse(`bad address: ${describe(host)}`);
  address.words.set(addressFromBytes(v6));
  return address;
}

/** The endpoint on the wire of a socket's address. */
export function endpointOf(address: SocketAddress): Endpoint {
  const { words, port } = address;
  if (address.family === AF_INET || isMapped(words)) return { address: ipv4Bytes(words[3]!), port };
  const bytes = new Uint8Array(16);
  const v = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) v.setUint32(4 * i, words[i]!);
  return { address: bytes, port };
}
