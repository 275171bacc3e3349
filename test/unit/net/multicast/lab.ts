import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import type { InetSocket } from '../../../../src/net/core/inet-socket.js';
import { parseIpv4 } from '../../../../src/wire/ipv4-address.js';
import { parseIpv6 } from '../../../../src/wire/ipv6-address.js';

export const be32 = (text: string): Uint8Array => {
  const number = parseIpv4(text)!;
  return Uint8Array.of(number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff);
};

export const bytes = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
export const u32 = (value: number): Uint8Array => Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);

/** struct sockaddr_storage of an address. */
export function storage(text: string): Uint8Array {
  const filled = new Uint8Array(128);
  const ipv4 = parseIpv4(text);
  filled[0] = ipv4 === null ? 10 : 2;
  if (ipv4 === null) filled.set(parseIpv6(text)!, 8);
  else filled.set(be32(text), 4);
  return filled;
}

/** A socket of a namespace, the initial one unless it is named. */
export function socketOf(instance: TapstackInstance, family: number, type: number, protocol = 0, name?: string): InetSocket {
  const namespace = name === undefined ? instance.stack.initial : instance.namespace(name);
  const maker = namespace.sockets.families.find(
    (other) =>
      other.family === family && other.type === type && (other.anyProtocol === true || protocol === 0 || other.protocol === protocol),
  )!;
  const socket = maker.create(namespace, protocol === 0 ? maker.protocol : protocol, 0, true);
  if (typeof socket === 'number') throw new Error(`no socket: ${socket}`);
  return socket as InetSocket;
}

/** A host with a device e0 whose wire leads to e1 in a namespace of its own; what e0 sends of `protocol` is listed. */
export async function host(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add far
    ip link add e0 address 02:00:00:00:00:01 type veth peer name e1 netns far
    ip netns exec far sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n far link set e1 up; ip addr add 10.0.0.1/24 dev e0; ip link set e0 up`);
  expect(stderr).toBe('');
  await instance.clock.advance(10_000);
  return instance;
}

const hex = (frame: Uint8Array) => Buffer.from(frame).toString('hex');

/** Runs `work` for `ms` and returns what e0 sent meanwhile: the network layer of IGMP and MLD, in hexadecimal. */
export async function reportsOf(instance: TapstackInstance, ms: number, work: () => unknown): Promise<string[]> {
  const capture = instance.capture(instance.device('e0'));
  await work();
  await instance.clock.advance(ms);
  capture.stop();
  return capture.frames
    .filter(({ outgoing, bytes: frame }) => outgoing && (isIgmp(frame) || isMld(frame)))
    .map(({ bytes: frame }) => `${hex(frame.subarray(0, 6))} ${hex(frame.subarray(14))}`);
}

const isIgmp = (frame: Uint8Array) => frame[12] === 0x08 && frame[13] === 0 && frame[23] === 2;
const isMld = (frame: Uint8Array) => frame[12] === 0x86 && frame[20] === 0 && [130, 131, 132, 143].includes(frame[62]!);
