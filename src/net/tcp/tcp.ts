import type { Timer } from '../../base/timer-wheel.js';
import { Flow } from '../core/flow.js';
import type { InetSocket } from '../core/inet-socket.js';
import { HeaderFields } from '../core/internet.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { MemoryRules, ProtocolMemory } from '../core/protocol-memory.js';
import type { PortTable } from '../core/port-table.js';
import type { Stack } from '../core/stack.js';
import type { CongestionControl } from './congestion/congestion-control.js';
import { congestionByName, congestionControls } from './congestion/registry.js';
import { newReno } from './congestion/newreno.js';
import { ConnectionKey, ENDPOINT_REQUEST, ENDPOINT_SOCKET, EndpointTable } from './demux.js';
import { FastOpenPause } from './fastopen-blackhole.js';
import { FastOpenCache } from './fastopen-cookie.js';
import { KeyedHash } from './isn.js';
import { ListenerTable } from './listeners.js';
import { MetricsCache } from './metrics.js';
import { MIN_SEND_BUFFER } from './memory.js';
import { ReceivedOptions, SynOptions } from './options.js';
import type { TcpRequest } from './request.js';
import { ChunkPool } from './send-queue.js';
import { SegmentPool } from './sent-segments.js';
import { TcpSettings } from './settings.js';
import { TcpStats } from './stats.js';
import type { Tcb } from './tcb.js';
import type { TcpTransport } from './transport.js';
import type { TimeWait } from './time-wait.js';

/** What stands above this file and is handed in when a namespace's TCP is made. */
export interface TcpUpper {
  createSocket(tcp: Tcp, family: number, uid: number, privileged: boolean): Tcb;
  /** Sends an ACK that was held back to the end of the round. */
  sendOwedAck(sk: Tcb): void;
  requestTimer(request: TcpRequest): Timer;
  /** It is time for what pacing held back. */
  /** A queue below dropped what it sent. */
  congested(sk: Tcb): void;
  sendPaced(sk: Tcb): void;
  /** Fast Open at the server: true if it made a connection of the SYN, which is then used up. */
  fastOpen(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): boolean;
  /** Ends a socket without a word to the peer. */
  destroySocket(sk: Tcb): void;
}

/** What connects: sockets, handshakes, TIME_WAIT entries. */
export type TcpEndpoint = Tcb | TcpRequest | TimeWait;

/** TCP of one namespace: its tables, settings, counters and what its sockets share. */
export class Tcp implements MemoryRules {
  readonly namespace: Namespace;
  readonly stack: Stack;
  readonly settings = new TcpSettings();
  readonly stats = new TcpStats();
  readonly ports: PortTable;
  readonly upper: TcpUpper;
  /** One an internet layer: IPv4, later IPv6. */
  readonly transports: TcpTransport[] = [];
  readonly endpoints: EndpointTable<TcpEndpoint>;
  readonly listeners: ListenerTable;
  /** Of all namespaces' TCP together. */
  readonly memory: ProtocolMemory;
  readonly chunks = new ChunkPool();
  readonly segments = new SegmentPool();
  /** Connections that go on without a user. */
  orphans = 0;
  timeWaits = 0;
  /** Congestion controls that came as modules: of the whole stack. */
  readonly loaded: Set<string>;
  readonly isnSecret: KeyedHash;
  readonly timestampSecret: KeyedHash;
  /** Of SYN cookies: one for the connection, one for the minute. */
  readonly cookieSecrets: readonly KeyedHash[];
  /** What connections that are over have learnt of the ways to their peers. */
  readonly metrics: MetricsCache;

  // Reused, valid within one call only
  readonly flow = new Flow();
  readonly header = new HeaderFields();
  readonly options = new ReceivedOptions();
  readonly synOptions = new SynOptions();
  readonly fastOpenCache = new FastOpenCache();
  readonly fastOpenPause = new FastOpenPause();
  readonly key = new ConnectionKey();

  challengeSecond = -1;
  challengeCount = 0;

  #woken: Tcb[] = [];
  #waking: Tcb[] = [];
  #owing: Tcb[] = [];
  #sending: Tcb[] = [];
  #flushScheduled = false;
  readonly #flush: () => void;

  constructor(namespace: Namespace, ports: PortTable, upper: TcpUpper) {
    this.namespace = namespace;
    this.stack = namespace.stack;
    this.ports = ports;
    this.memory = namespace.stack.tcpMemory;
    this.upper = upper;
    this.endpoints = new EndpointTable(this.stack.hashSeed);
    this.listeners = new ListenerTable(this.stack.hashSeed);
    this.metrics = new MetricsCache(this.stack.hashSeed);
    this.isnSecret = new KeyedHash(this.stack.random);
    this.timestampSecret = new KeyedHash(this.stack.random);
    this.cookieSecrets = [new KeyedHash(this.stack.random), new KeyedHash(this.stack.random)];
    // The first namespace is made before the stack has it.
    const initial: Namespace | undefined = this.stack.initial;
    this.loaded = initial?.tcp === undefined ? new Set() : initial.tcp.loaded;
    if (initial?.tcp !== undefined) this.settings.inherit(initial.tcp.settings);
    this.#flush = () => this.#flushNow();
  }

  /** The transport for a socket address: IPv4's for mapped addresses, else IPv6's; null when that family is not there. */
  transportFor(words: Uint32Array): TcpTransport | null {
    const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
    const family = mapped ? 2 : 10;
    for (const transport of this.transports) if (transport.layer.family === family) return transport;
    return null;
  }

  // What tcp_mem does to its sockets: MemoryRules

  leastReceive(): number {
    return this.settings.rmem[0];
  }

  leastSend(): number {
    return this.settings.wmem[0];
  }

  /** tcp_enter_memory_pressure() */
  enterPressure(): void {
    if (this.memory.underPressure) return;
    this.memory.pressureSinceMs = Math.floor(this.stack.nowUs / 1000);
    this.stats.TCPMemoryPressures++;
  }

  /** tcp_leave_memory_pressure() */
  leavePressure(): void {
    if (!this.memory.underPressure) return;
    this.stats.TCPMemoryPressuresChrono += Math.floor(this.stack.nowUs / 1000) - this.memory.pressureSinceMs;
    this.memory.pressureSinceMs = -1;
  }

  /** sk_stream_moderate_sndbuf() */
  moderate(sk: InetSocket): void {
    if (sk.sendBufferLocked) return;
    sk.sendBuffer = Math.max(Math.min(sk.sendBuffer, sk.sendMemory >> 1), MIN_SEND_BUFFER);
  }

  /** The congestion control of new sockets. */
  congestion(): CongestionControl {
    return congestionByName(this.settings.congestionControl) ?? newReno;
  }

  /** Those that can be chosen at once: tcp_available_congestion_control. */
  availableCongestion(): readonly CongestionControl[] {
    return congestionControls.filter(({ name, module }) => module === undefined || this.loaded.has(name));
  }

  /** The one of that name, its module loaded where `mayLoad` (CAP_NET_ADMIN) allows it. */
  findCongestion(name: string, mayLoad: boolean): CongestionControl | undefined {
    const control = congestionByName(name);
    if (control === undefined || control.module === undefined || this.loaded.has(name)) return control;
    if (!mayLoad) return undefined;
    this.loaded.add(name);
    // Such a module says that anybody may choose it (TCP_CONG_NON_RESTRICTED).
    for (const { settings } of new Set([this, this.stack.initial.tcp]))
      settings.allowedCongestionControl = [...settings.allowedCongestionControl, name];
    return control;
  }

  /** The clock of the timestamps option: milliseconds. */
  get timestampNow(): number {
    return Math.floor(this.stack.nowUs / 1000) | 0;
  }

  /** The namespace goes: connections end without a word, no timer stays, nothing is kept. */
  destroy(): void {
    for (const endpoint of [...this.endpoints.values()]) {
      if (endpoint.kind === ENDPOINT_SOCKET) this.upper.destroySocket(endpoint);
      else if (endpoint.kind === ENDPOINT_REQUEST) {
        this.stack.timers.cancel(endpoint.timer);
        this.endpoints.remove(endpoint);
      } else endpoint.end();
    }
  }

  /** Marks that poll() of `sk` may have got new events: its user is told at the end of the round, never from inside TCP. */
  wake(sk: Tcb): void {
    if (sk.wakePending || sk.onReady === null) return;
    sk.wakePending = true;
    this.#woken.push(sk);
    this.#schedule();
  }

  /** Sends the ACK that `sk` owes at the end of the round, unless something that carries it leaves before. */
  oweAck(sk: Tcb): void {
    if (sk.ackPending) return;
    sk.ackPending = true;
    this.#owing.push(sk);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.stack.defer(this.#flush);
  }

  /** Users first: what they send in answer carries the ACK, and what they read opens the window that it tells. */
  #flushNow(): void {
    this.#flushScheduled = false;
    const woken = this.#woken;
    this.#woken = this.#waking;
    this.#waking = woken;
    for (let i = 0; i < woken.length; i++) {
      const sk = woken[i]!;
      sk.wakePending = false;
      sk.deliverWake();
    }
    woken.length = 0;
    const owing = this.#owing;
    this.#owing = this.#sending;
    this.#sending = owing;
    for (let i = 0; i < owing.length; i++) {
      const sk = owing[i]!;
      sk.ackPending = false;
      this.upper.sendOwedAck(sk);
    }
    owing.length = 0;
  }
}
