/** What a script says, as parsed: addresses and numbers are still the script's own. Times are microseconds. */
export interface Script {
  readonly path: string;
  /** `--name=value` lines at its head; value null: none was given. */
  readonly options: readonly ScriptOption[];
  /** Commands without a time in front of all events, and behind them. */
  readonly before: readonly CommandAction[];
  readonly events: readonly ScriptEvent[];
  readonly after: readonly CommandAction[];
}

export interface ScriptOption {
  readonly line: number;
  readonly name: string;
  readonly value: string | null;
}

export type EventTime =
  | { readonly kind: 'absolute' | 'relative'; readonly us: number }
  | { readonly kind: 'absoluteRange' | 'relativeRange'; readonly us: number; readonly endUs: number }
  | { readonly kind: 'any' };

export interface ScriptEvent {
  readonly line: number;
  readonly time: EventTime;
  readonly action: Action;
}

export type Action = PacketAction | CallAction | CommandAction | CodeAction;

export interface CommandAction {
  readonly kind: 'command';
  readonly line: number;
  readonly text: string;
}

export interface CodeAction {
  readonly kind: 'code';
  readonly text: string;
}

export interface CallAction {
  readonly kind: 'call';
  /** `...T`: when a call that blocks is to return, relative or absolute as the event's own time; null: it does not block. */
  readonly endUs: number | null;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly result: Expression;
  /** "EAGAIN"; null: success. */
  readonly errno: string | null;
}

export type Expression =
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'integer'; readonly value: number; readonly hex: boolean }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] };

/** `name(arg)=value` or a bare value inside braces. */
export interface Field {
  readonly name: string | null;
  readonly arg: Expression | null;
  readonly value: Expression;
}

/** What is said of an IP header. */
export interface IpInfo {
  /** Nothing is said, the two ECN bits, ECT(0) or ECT(1), or the whole byte. */
  readonly tosCheck: 'none' | 'ecn' | 'ect01' | 'tos';
  readonly tos: number;
  /** 0: not said. */
  readonly flowLabel: number;
  /** 0: not said. */
  readonly ttl: number;
}

export type Encapsulation =
  | { readonly kind: 'ip'; readonly version: 4 | 6; readonly info: IpInfo; readonly source: Uint8Array; readonly destination: Uint8Array }
  | {
      readonly kind: 'gre';
      readonly flags: number;
      readonly sum: number;
      readonly offset: number;
      readonly key: number;
      readonly sequence: number;
    }
  | { readonly kind: 'mpls'; readonly labels: readonly MplsLabel[] };

export interface MplsLabel {
  readonly label: number;
  readonly trafficClass: number;
  readonly bottom: boolean;
  readonly ttl: number;
}

interface PacketBase {
  readonly kind: 'packet';
  readonly line: number;
  readonly outbound: boolean;
  readonly outer: readonly Encapsulation[];
  readonly ip: IpInfo;
}

export interface TcpPacket extends PacketBase {
  readonly protocol: 'tcp';
  /** 0: the connection's. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Bits of wire/tcp.ts; AE (RFC 9768) is bit 8. */
  readonly flags: number;
  /** The three ECN bits as a number (`.5`); null: they are among the flags. */
  readonly ace: number | null;
  readonly sequence: number;
  readonly payload: number;
  readonly ack: number;
  /** null: not said. */
  readonly window: number | null;
  readonly urgent: number;
  /** null: `<...>`, whatever they are. */
  readonly options: readonly TcpOption[] | null;
}

export interface UdpPacket extends PacketBase {
  readonly protocol: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: number;
}

export interface IcmpPacket extends PacketBase {
  readonly protocol: 'icmp';
  readonly type: string;
  readonly code: string | null;
  readonly mtu: number | null;
  readonly echoId: number;
  /** Of the packet that an error quotes; null: nothing is said. */
  readonly echoed: { readonly protocol: 'tcp' | 'udp' | 'raw'; readonly sequence: number; readonly payload: number } | null;
}

export type PacketAction = TcpPacket | UdpPacket | IcmpPacket;

export type TcpOption =
  | { readonly kind: 'nop' | 'eol' | 'sackOk' }
  | { readonly kind: 'mss' | 'wscale'; readonly value: number }
  | { readonly kind: 'timestamps'; readonly value: number; readonly echo: number }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  /** RFC 9768: counters of bytes, of ECT(0), CE, ECT(1) or the other way round; the last ones may be missing. */
  | { readonly kind: 'accurateEcn0' | 'accurateEcn1'; readonly counters: readonly number[] }
  | { readonly kind: 'md5' | 'fastOpen' | 'fastOpenExperimental'; readonly bytes: Uint8Array };
