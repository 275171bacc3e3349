import { PROTOCOL as TCP } from '../wire/tcp.js';
import * as tcp from '../wire/tcp.js';
import { PROTOCOL as UDP } from '../wire/udp.js';
import type { Machine } from './calls/machine.js';
import type { Connection } from './connection.js';
import type { PacketAction, TcpPacket } from './language/ast.js';
import { buildIcmp, buildTcp, buildUdp, type Way } from './packets/build-packet.js';
import { type LivePacket, readPacket, sameAddress, sameEndpoint } from './packets/live-packet.js';
import { mismatch } from './packets/match-packet.js';

/** What is wrong with a packet, and the packet where there is one. */
export class PacketProblem extends Error {
  readonly actual: LivePacket | null;

  constructor(text: string, actual: LivePacket | null = null) {
    super(text);
    this.actual = actual;
  }
}

/** The connection that a packet of the script belongs to: the one under test, a new one at a listening socket, one that connects. */
export function connectionFor(machine: Machine, packet: PacketAction): Connection {
  const { current } = machine;
  if (packet.protocol === 'tcp') {
    if (!packet.outbound && (current === null || current.state === 'listening')) return machine.arrive(TCP, packet.sequence);
    if (packet.outbound && (packet.flags & (tcp.SYN | tcp.ACK)) === tcp.SYN && current?.state === 'connecting') {
      current.state = 'synSent';
      current.scriptLocalIsn = packet.sequence;
    }
  }
  if (current === null) throw new PacketProblem('no matching socket for script packet');
  const fits = packet.protocol === 'icmp' || (packet.protocol === 'tcp' ? current.protocol === TCP : current.protocol !== TCP);
  const foreign = packet.protocol !== 'icmp' && (packet.sourcePort !== 0 || packet.destinationPort !== 0);
  if (!fits && !foreign) throw new PacketProblem('no matching socket for script packet');
  return current;
}

/** The bytes of an inbound packet as the stack is to get it. Throws PacketProblem. */
export function inbound(machine: Machine, packet: PacketAction, connection: Connection): Uint8Array {
  const { config } = machine;
  if (packet.protocol === 'tcp') noteInbound(packet, connection);
  if (config.anyIp && packet.protocol !== 'tcp') {
    const local = { address: config.local, port: connection.local.port || config.bindPort };
    connection.local = local;
    connection.remote = { address: config.remote, port: connection.remote.port || config.connectPort };
  }
  const way: Way = {
    from: connection.remote.address.length === 0 ? { address: config.remote, port: config.connectPort } : connection.remote,
    to: connection.local.address.length === 0 ? { address: config.local, port: config.bindPort } : connection.local,
  };
  try {
    if (packet.protocol === 'icmp') {
      const protocol = packet.echoed?.protocol === 'udp' ? UDP : packet.echoed?.protocol === 'tcp' || packet.echoed === null ? TCP : UDP;
      return buildIcmp(packet, way, protocol, connection.quotedSequence(packet.echoed?.sequence ?? 0));
    }
    const ported: Way = {
      from: { address: way.from.address, port: packet.sourcePort || way.from.port },
      to: { address: way.to.address, port: packet.destinationPort || way.to.port },
    };
    if (packet.protocol === 'udp') return buildUdp(packet, ported);
    return segment(machine, packet, ported, connection);
  } catch (error) {
    throw new PacketProblem(error instanceof Error ? error.message : String(error));
  }
}

function segment(machine: Machine, packet: TcpPacket, way: Way, connection: Connection): Uint8Array {
  const syn = (packet.flags & tcp.SYN) !== 0;
  const acks = (packet.flags & tcp.ACK) !== 0;
  const options = connection.inboundOptions(packet.options ?? [], acks, syn, machine.config.scaledEcho);
  if (typeof options === 'string') throw new PacketProblem(options);
  const ack = acks ? connection.inboundAck(packet.ack, syn) : packet.ack;
  return buildTcp(packet, way, connection.inboundSequence(packet, syn), ack, options);
}

function noteInbound(packet: TcpPacket, connection: Connection): void {
  const acks = (packet.flags & tcp.ACK) !== 0;
  if (connection.state === 'synackSent' && acks) connection.state = 'established';
  else if (connection.state === 'synSent' && acks && (packet.flags & tcp.SYN) !== 0) {
    connection.state = 'established';
    connection.remoteIsn = packet.sequence;
  }
}

/** Takes packets that the stack sent until they make up the one expected, and compares. Throws PacketProblem. */
export class OutboundMatch {
  readonly #machine: Machine;
  readonly #expected: PacketAction;
  readonly #connection: Connection;
  #first: LivePacket | null = null;
  #last: LivePacket | null = null;
  #payload: Uint8Array[] = [];
  #bytes = 0;

  constructor(machine: Machine, expected: PacketAction, connection: Connection) {
    this.#machine = machine;
    this.#expected = expected;
    this.#connection = connection;
    if (expected.protocol === 'tcp' && connection.state === 'received' && isSynAck(expected.flags))
      connection.scriptLocalIsn = expected.sequence;
  }

  /** Looks at a packet. The whole that was expected, in the script's numbers; null: it was another's, or there is more to come. */
  take(bytes: Uint8Array, atUs: number): LivePacket | null {
    const packet = readPacket(bytes, atUs, this.#expected.outer.length);
    if (packet === null || !this.#belongs(packet)) return null;
    this.#note(packet);
    const mapped = this.#mapped(packet);
    if (this.#last !== null) this.#checkFragment(mapped);
    this.#first ??= mapped;
    this.#last = mapped;
    this.#payload.push(mapped.payload);
    this.#bytes += mapped.payload.length;
    const expected = this.#expectedBytes;
    if (this.#bytes < expected && !this.#machine.config.strictSegments) return null;
    const whole = this.#whole();
    if (this.#bytes !== expected && this.#expected.protocol !== 'icmp')
      throw new PacketProblem(`live packet payload: expected ${expected} bytes vs actual ${this.#bytes} bytes`, whole);
    const problem = mismatch(this.#expected, whole, this.#connection, this.#machine.config);
    if (problem !== null) throw new PacketProblem(problem, whole);
    return whole;
  }

  /** What has been seen of it so far; null: nothing. */
  get seen(): LivePacket | null {
    return this.#first === null ? null : this.#whole();
  }

  get #expectedBytes(): number {
    return this.#expected.protocol === 'icmp' ? 0 : this.#expected.payload;
  }

  /** Whether it is of the connection under test, going out. */
  #belongs(packet: LivePacket): boolean {
    const connection = this.#connection;
    const { transport } = packet;
    if (this.#expected.protocol === 'icmp' || transport.protocol === 'icmp') {
      const remote = connection.remote.address.length === 0 ? this.#machine.config.remote : connection.remote.address;
      return transport.protocol === 'icmp' && this.#expected.protocol === 'icmp' && sameAddress(packet.destination.address, remote);
    }
    if (sameEndpoint(packet.source, connection.local) && sameEndpoint(packet.destination, connection.remote)) return true;
    const opens =
      transport.protocol === 'tcp'
        ? connection.state === 'synSent' && (transport.flags & (tcp.SYN | tcp.ACK)) === tcp.SYN
        : connection.state === 'connecting';
    if (!opens || !sameEndpoint(packet.destination, connection.remote)) return false;
    connection.local = packet.source;
    if (transport.protocol === 'tcp') connection.liveLocalIsn = transport.sequence;
    return true;
  }

  #note({ transport }: LivePacket): void {
    const connection = this.#connection;
    if (
      transport.protocol !== 'tcp' ||
      connection.state !== 'received' ||
      this.#expected.protocol !== 'tcp' ||
      !isSynAck(this.#expected.flags)
    )
      return;
    connection.state = 'synackSent';
    connection.liveLocalIsn = transport.sequence;
  }

  #mapped(packet: LivePacket): LivePacket {
    const { transport } = packet;
    if (transport.protocol !== 'tcp') return packet;
    return { ...packet, transport: this.#connection.outbound(transport, (transport.flags & tcp.SYN) !== 0) };
  }

  /** Pieces of what the script has as one follow each other, all but the last of one length. */
  #checkFragment(packet: LivePacket): void {
    const before = this.#last!;
    if (packet.transport.protocol !== 'tcp' || before.transport.protocol !== 'tcp') return;
    const next = (before.transport.sequence + before.payload.length) >>> 0;
    if (packet.transport.sequence !== next)
      throw new PacketProblem(`live packet field tcp_seq: expected: ${next} vs actual: ${packet.transport.sequence}`, packet);
    const isLast = this.#bytes + packet.payload.length >= this.#expectedBytes;
    if (!isLast && packet.payload.length !== before.payload.length)
      throw new PacketProblem(`fragment payload: expected ${before.payload.length} bytes vs actual ${packet.payload.length} bytes`, packet);
  }

  /** The pieces as one packet: numbers of the first, flags of all, but PSH and FIN. */
  #whole(): LivePacket {
    const first = this.#first!;
    const last = this.#last!;
    if (this.#payload.length === 1) return first;
    const payload = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#payload) {
      payload.set(piece, at);
      at += piece.length;
    }
    // PSH and FIN are the last one's, as of a super-packet that was cut.
    const flags =
      first.transport.protocol === 'tcp' && last.transport.protocol === 'tcp'
        ? (first.transport.flags & ~(tcp.PSH | tcp.FIN)) | last.transport.flags
        : 0;
    const transport = first.transport.protocol === 'tcp' ? { ...first.transport, flags } : first.transport;
    return { ...first, transport, payload, atUs: last.atUs };
  }
}

const isSynAck = (flags: number): boolean => (flags & (tcp.SYN | tcp.ACK)) === (tcp.SYN | tcp.ACK);
