import type { TcpOption, TcpPacket } from './language/ast.js';
import type { Endpoint, LivePacket, LiveTcp } from './packets/live-packet.js';

/** Where a socket of the script is in its life, as far as packets are told by it. */
export type ConnectionState =
  | 'new'
  | 'listening'
  | 'connecting'
  /** A SYN (or whatever a listener got first) came in. */
  | 'received'
  | 'synackSent'
  | 'established'
  | 'synSent';

const NOWHERE: Endpoint = { address: new Uint8Array(0), port: 0 };

/**
 * A connection as the script tells it and as the stack has it. Sequence numbers of segments with SYN are written as they are, those
 * of all others count from the initial ones, as tcpdump shows them; the peer's initial number is the script's, ours the stack's.
 */
export class Connection {
  state: ConnectionState = 'new';
  /** connect(AF_UNSPEC) ended it: only its reset may still come. */
  dissolved = false;
  /** IPPROTO_* */
  readonly protocol: number;
  local: Endpoint = NOWHERE;
  remote: Endpoint = NOWHERE;
  /** Of the script's SYN or SYN-ACK that goes out. */
  scriptLocalIsn = 0;
  liveLocalIsn = 0;
  remoteIsn = 0;
  /** Flow labels of the script and of the stack that belong together; -1: none was seen. */
  flowLabelScript = -1;
  flowLabelLive = -1;
  /** Timestamps that went out, by what the script calls them. */
  readonly #timestamps = new Map<number, number>();
  #firstScript: number | null = null;
  #firstLive = 0;

  constructor(protocol: number) {
    this.protocol = protocol;
  }

  /** What is added to a script's own sequence number. */
  #localOffset(syn: boolean): number {
    return syn ? this.liveLocalIsn - this.scriptLocalIsn : this.liveLocalIsn;
  }

  #remoteOffset(syn: boolean): number {
    return syn ? 0 : this.remoteIsn;
  }

  // -- inbound: script to live -------------------------------------------------------------------------------------------------

  inboundSequence(packet: TcpPacket, syn: boolean): number {
    return (packet.sequence + this.#remoteOffset(syn)) >>> 0;
  }

  inboundAck(ack: number, syn: boolean): number {
    return (ack + this.#localOffset(syn)) >>> 0;
  }

  /** A sequence number of ours that an ICMP error quotes. */
  quotedSequence(sequence: number): number {
    return (sequence + this.liveLocalIsn) >>> 0;
  }

  /** Options with SACK blocks and the echoed timestamp as the stack knows them; a text: what is wrong. */
  inboundOptions(options: readonly TcpOption[], acks: boolean, syn: boolean, scaled: boolean): readonly TcpOption[] | string {
    const live: TcpOption[] = [];
    for (const option of options) {
      if (option.kind === 'sack')
        live.push({ ...option, blocks: option.blocks.map(([a, b]) => [this.inboundAck(a, syn), this.inboundAck(b, syn)] as const) });
      else if (option.kind === 'timestamps' && acks) {
        const echo = this.#liveTimestamp(option.echo, scaled);
        if (echo === null) return `unable to infer live TS ecr for script TS ecr ${option.echo}; no matching or preceding outbound TS val`;
        live.push({ ...option, echo });
      } else live.push(option);
    }
    return live;
  }

  #liveTimestamp(script: number, scaled: boolean): number | null {
    const exact = this.#timestamps.get(script);
    if (exact !== undefined) return exact;
    return scaled && this.#firstScript !== null ? (script - this.#firstScript + this.#firstLive) >>> 0 : null;
  }

  // -- outbound: live to script ------------------------------------------------------------------------------------------------

  /** A segment of the stack in the script's numbers, but for its timestamp. */
  outbound(live: LiveTcp, syn: boolean): LiveTcp {
    const remote = this.#remoteOffset(syn);
    const sequence = (live.sequence - this.#localOffset(syn)) >>> 0;
    const ack = (live.ack - remote) >>> 0;
    const options =
      live.options?.map((option) =>
        option.kind === 'sack'
          ? { ...option, blocks: option.blocks.map(([a, b]) => [(a - remote) >>> 0, (b - remote) >>> 0] as const) }
          : option,
      ) ?? null;
    return { ...live, sequence, ack, options };
  }

  /** Takes note of which of the stack's timestamps the script means by `script`. The live one counted from the script's first. */
  learnTimestamp(script: number, live: number): number {
    this.#timestamps.set(script, live);
    if (this.#firstScript === null) {
      this.#firstScript = script;
      this.#firstLive = live;
    }
    return (this.#firstScript + live - this.#firstLive) >>> 0;
  }

  /** Whether the flow label of a packet goes with what the script calls it: one name, one label; another name, another label. */
  matchFlowLabel(script: number, packet: LivePacket): string | null {
    const live = packet.flowLabel;
    if (live === 0) return 'flowlabel unmarked in the live packet';
    if (this.flowLabelScript < 0 || (script !== this.flowLabelScript && live !== this.flowLabelLive)) {
      this.flowLabelScript = script;
      this.flowLabelLive = live;
      return null;
    }
    if (script !== this.flowLabelScript) return 'expected a different flowlabel but got the same';
    if (live === this.flowLabelLive) return null;
    return `inconsistent flowlabels for this packet: expected: 0x${this.flowLabelLive.toString(16)} vs actual: 0x${live.toString(16)}`;
  }
}
