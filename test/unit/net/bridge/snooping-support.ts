import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { checksum } from '../../../../src/wire/checksum.js';
import * as igmp from '../../../../src/wire/igmp.js';
import * as ipv4 from '../../../../src/wire/ipv4.js';
import { parseIpv4 } from '../../../../src/wire/ipv4-address.js';
import * as ipv6 from '../../../../src/wire/ipv6.js';
import { parseIpv6 } from '../../../../src/wire/ipv6-address.js';

/** The bridge br0 with ports p1.. whose other ends h1.. are read and written by the test, 02:00:00:00:00:0N. */
export async function bridgeOf(count: number, options = ''): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  let script = `sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    ip link add br0 address 02:00:00:00:00:ff type bridge ${options}; ip link set br0 up\n`;
  for (let n = 1; n <= count; n++)
    script += `ip link add p${n} type veth peer name h${n} address 02:00:00:00:00:0${n}; ip link set p${n} up master br0; ip link set h${n} up\n`;
  expect((await instance.sh(script)).stderr).toBe('');
  return instance;
}

const macOf = (host: number) => [2, 0, 0, 0, 0, host];
const address = (text: string): number => parseIpv4(text)!;

/** An Ethernet frame of IPv4 for a group, from host N. */
export function ipv4Frame(host: number, to: string, protocol: number, payload: Uint8Array, from = `10.0.0.${host}`): Uint8Array {
  const group = address(to);
  const frame = new Uint8Array(14 + 20 + payload.length);
  const view = new DataView(frame.buffer);
  frame.set([0x01, 0x00, 0x5e, (group >>> 16) & 0x7f, (group >>> 8) & 0xff, group & 0xff, ...macOf(host), 0x08, 0x00]);
  view.setUint8(14, 0x45);
  view.setUint16(16, 20 + payload.length);
  view.setUint8(22, 1);
  view.setUint8(23, protocol);
  view.setUint32(26, address(from));
  view.setUint32(30, group);
  ipv4.writeChecksum(view, 14, 20);
  frame.set(payload, 34);
  return frame;
}

/** IGMP of version 1 or 2. */
export function igmpFrame(host: number, type: number, group: string, to: string, code = 0, from?: string): Uint8Array {
  const payload = new Uint8Array(8);
  const view = new DataView(payload.buffer);
  igmp.write(view, 0, type, code, address(group));
  igmp.writeChecksum(view, 0, 8);
  return ipv4Frame(host, to, igmp.PROTOCOL, payload, from);
}

export const joinFrame = (host: number, group: string) => igmpFrame(host, igmp.V2_REPORT, group, group);
export const leaveFrame = (host: number, group: string) => igmpFrame(host, igmp.V2_LEAVE, group, '224.0.0.2');
/** A general query of version 2: ten seconds for the answer. */
export const queryFrame = (host: number, from?: string) => igmpFrame(host, igmp.QUERY, '0.0.0.0', '224.0.0.1', 100, from);

/** A report of version 3 with one record. */
export function reportFrame(host: number, type: number, group: string, sources: readonly string[]): Uint8Array {
  const payload = new Uint8Array(16 + 4 * sources.length);
  const view = new DataView(payload.buffer);
  igmp.writeReport(view, 0, 1);
  igmp.writeRecord(view, 8, type, sources.length, address(group));
  for (const [at, source] of sources.entries()) view.setUint32(16 + 4 * at, address(source));
  igmp.writeChecksum(view, 0, payload.length);
  return ipv4Frame(host, '224.0.0.22', igmp.PROTOCOL, payload);
}

/** UDP to the group, of which nobody reads more than the addresses. */
export const dataFrame = (host: number, group: string, from?: string) => ipv4Frame(host, group, 17, new Uint8Array(16).fill(host), from);

/** An Ethernet frame of IPv6 for a group; MLD has hop-by-hop options before it. */
export function ipv6Frame(host: number, to: string, protocol: number, payload: Uint8Array, from = `fe80::${host}`): Uint8Array {
  const icmp = protocol === 58;
  const frame = new Uint8Array(14 + 40 + (icmp ? 8 : 0) + payload.length);
  const view = new DataView(frame.buffer);
  const group = parseIpv6(to)!;
  frame.set([0x33, 0x33, ...group.subarray(12), ...macOf(host), 0x86, 0xdd]);
  view.setUint32(14, 0x6000_0000);
  view.setUint16(18, frame.length - 54);
  view.setUint8(20, icmp ? 0 : protocol);
  view.setUint8(21, 1);
  frame.set(parseIpv6(from)!, 22);
  frame.set(group, 38);
  if (icmp) frame.set([58, 0, 5, 2, 0, 0, 1, 0], 54);
  const at = icmp ? 62 : 54;
  frame.set(payload, at);
  if (icmp) view.setUint16(at + 2, checksum(view, at, payload.length, ipv6.pseudoHeaderSumAt(view, 14, 58, payload.length)));
  return frame;
}

/** MLD of version 1. */
export function mldFrame(host: number, type: number, group: string, to: string, delayMs = 0): Uint8Array {
  const payload = new Uint8Array(24);
  payload[0] = type;
  new DataView(payload.buffer).setUint16(4, delayMs);
  payload.set(parseIpv6(group)!, 8);
  return ipv6Frame(host, to, 58, payload);
}

/** Sends frames of host N by its cable. */
export async function send(instance: TapstackInstance, host: number, ...frames: readonly Uint8Array[]): Promise<void> {
  for (const frame of frames) instance.inject(instance.device(`p${host}`), frame);
  await instance.clock.advance(1);
}

/** Which of the hosts 1 to `count` get the frame that `host` sends. */
export async function receivers(instance: TapstackInstance, host: number, frame: Uint8Array, count: number): Promise<number[]> {
  const cables = Array.from({ length: count }, (_, at) => instance.capture(instance.device(`p${at + 1}`)));
  await send(instance, host, frame);
  const got = cables.map(({ frames }) => frames.some(({ outgoing, bytes }) => outgoing && sameBehind(bytes, frame)));
  for (const cable of cables) cable.stop();
  return got.flatMap((yes, at) => (yes ? [at + 1] : []));
}

/** The same but for the destination, which a bridge may make one member's. */
const sameBehind = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => at < 6 || byte === b[at]);

export const mdb = async (instance: TapstackInstance, options = ''): Promise<string[]> =>
  (await instance.sh(`bridge ${options} mdb show`)).stdout.split('\n').filter((line) => line !== '');
