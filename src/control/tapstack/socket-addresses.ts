import { EAFNOSUPPORT, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { SocketAddress } from '../../net/core/socket.js';
import { AF_INET, AF_INET6, AF_PACKET, AF_UNIX, AF_UNSPEC } from '../../netlink/constants.js';
import type { TapstackAttributes } from '../../netlink/genl/tapstack.js';

/** The address and port of a request; its length says the family where none was named, and none at all is AF_UNSPEC (connect() then disconnects). */
export function readSocketAddress(request: TapstackAttributes, into = new SocketAddress()): SocketAddress {
  const bytes = request.address ?? new Uint8Array(0);
  into.port = request.port ?? 0;
  into.scopeId = request.scopeId ?? 0;
  into.flowInfo = request.flowInfo ?? 0;
  into.words.fill(0);
  into.bytes = null;
  if (request.family === AF_PACKET || request.family === AF_UNIX) {
    into.family = request.family;
    into.bytes = bytes;
    return into;
  }
  if (bytes.length === 4) {
    into.family = AF_INET;
    into.words[2] = 0xffff;
    into.words[3] = word(bytes, 0);
  } else if (bytes.length === 16) {
    into.family = AF_INET6;
    for (let i = 0; i < 4; i++) into.words[i] = word(bytes, i * 4);
  } else if (bytes.length === 0) into.family = request.family ?? AF_UNSPEC;
  else fail(EINVAL);
  return into;
}

/** An address as attributes, in the family of the socket that it is told to. */
export function socketAddressAttributes(address: SocketAddress, family: number): TapstackAttributes {
  if (family === AF_INET) return { family, address: addressBytes(address, 3), port: address.port };
  if (family === AF_PACKET) {
    const { bytes, port, scopeId } = address;
    return { family, ...(bytes === null ? {} : { address: bytes }), port, scopeId: Math.max(0, scopeId) };
  }
  if (family === AF_UNIX) return { family, address: address.bytes ?? new Uint8Array(0), port: 0 };
  if (family !== AF_INET6) fail(EAFNOSUPPORT);
  return { family, address: addressBytes(address, 0), port: address.port, scopeId: address.scopeId };
}

/** The words of an address from `first` on, in network order. */
function addressBytes(address: SocketAddress, first: number): Uint8Array {
  const bytes = new Uint8Array((4 - first) * 4);
  const view = new DataView(bytes.buffer);
  for (let i = first; i < 4; i++) view.setUint32((i - first) * 4, address.words[i]!);
  return bytes;
}

const word = (bytes: Uint8Array, at: number) =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
