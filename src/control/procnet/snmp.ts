import type { Namespace } from '../../net/core/namespace.js';
import type { IcmpStats, UdpStats } from '../../net/ipv4/snmp.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import * as icmp from '../../wire/icmp.js';
import type { ProcNetView } from './view.js';

type Counters = readonly (readonly [name: string, value: number])[];

/** A line of names and a line of values. */
export const twoLines = (prefix: string, counters: Counters) =>
  `${prefix}: ${counters.map(([name]) => name).join(' ')}\n${prefix}: ${counters.map(([, value]) => value).join(' ')}\n`;

/** /proc/net/snmp. Linux: snmp_seq_show() */
export const snmp: ProcNetView = {
  path: 'snmp',
  text(namespace) {
    const { icmpStats } = namespace.ipv4;
    return (
      twoLines('Ip', ip(namespace)) +
      twoLines('Icmp', icmpCounters(icmpStats)) +
      icmpMessages(icmpStats) +
      twoLines('Tcp', tcp(namespace)) +
      twoLines('Udp', udp(namespace.ipv4.udpStats)) +
      twoLines('UdpLite', udp(namespace.ipv4.udpLiteStats))
    );
  },
};

function ip(namespace: Namespace): Counters {
  const { stats: s, settings } = namespace.ipv4;
  return [
    ['Forwarding', ipv4Routes(namespace).allConfig.forwarding !== 0 ? 1 : 2],
    ['DefaultTTL', settings.ipDefaultTtl],
    ['InReceives', s.inReceives],
    ['InHdrErrors', s.inHdrErrors],
    ['InAddrErrors', s.inAddrErrors],
    ['ForwDatagrams', s.forwDatagrams],
    ['InUnknownProtos', s.inUnknownProtos],
    ['InDiscards', s.inDiscards],
    ['InDelivers', s.inDelivers],
    ['OutRequests', s.outRequests],
    ['OutDiscards', s.outDiscards],
    ['OutNoRoutes', s.outNoRoutes],
    ['ReasmTimeout', s.reasmTimeout],
    ['ReasmReqds', s.reasmReqds],
    ['ReasmOKs', s.reasmOKs],
    ['ReasmFails', s.reasmFails],
    ['FragOKs', s.fragOKs],
    ['FragFails', s.fragFails],
    ['FragCreates', s.fragCreates],
  ];
}

/** The types that have a counter of their own, in the order of the file. Linux: icmpmibmap */
const icmpTypes = [
  ['DestUnreachs', icmp.DEST_UNREACH],
  ['TimeExcds', icmp.TIME_EXCEEDED],
  ['ParmProbs', icmp.PARAMETER_PROBLEM],
  ['SrcQuenchs', icmp.SOURCE_QUENCH],
  ['Redirects', icmp.REDIRECT],
  ['Echos', icmp.ECHO],
  ['EchoReps', icmp.ECHO_REPLY],
  ['Timestamps', icmp.TIMESTAMP],
  ['TimestampReps', icmp.TIMESTAMP_REPLY],
  ['AddrMasks', icmp.ADDRESS],
  ['AddrMaskReps', icmp.ADDRESS_REPLY],
] as const;

const icmpCounters = (s: IcmpStats): Counters => [
  ['InMsgs', s.inMsgs],
  ['InErrors', s.inErrors],
  ['InCsumErrors', s.inCsumErrors],
  ...icmpTypes.map(([name, type]) => [`In${name}`, s.inType[type]!] as const),
  ['OutMsgs', s.outMsgs],
  ['OutErrors', s.outErrors],
  ['OutRateLimitGlobal', s.outRateLimitGlobal],
  ['OutRateLimitHost', s.outRateLimitHost],
  ...icmpTypes.map(([name, type]) => [`Out${name}`, s.outType[type]!] as const),
];

/** "IcmpMsg:": the types that were seen; nothing where none was. Linux: icmpmsg_put() */
function icmpMessages(s: IcmpStats): string {
  const seen = (prefix: string, counts: Float64Array): Counters =>
    [...counts].flatMap((count, type) => (count === 0 ? [] : [[`${prefix}Type${type}`, count] as const]));
  const counters = [...seen('In', s.inType), ...seen('Out', s.outType)];
  return counters.length === 0 ? '' : twoLines('IcmpMsg', counters);
}

function tcp(namespace: Namespace): Counters {
  const s = namespace.tcp.stats;
  return [
    // RFC 2012: 1 is "other", Linux's word for what it does; times in milliseconds.
    ['RtoAlgorithm', 1],
    ['RtoMin', 200],
    ['RtoMax', 120_000],
    ['MaxConn', -1],
    ['ActiveOpens', s.ActiveOpens],
    ['PassiveOpens', s.PassiveOpens],
    ['AttemptFails', s.AttemptFails],
    ['EstabResets', s.EstabResets],
    ['CurrEstab', s.CurrEstab],
    ['InSegs', s.InSegs],
    ['OutSegs', s.OutSegs],
    ['RetransSegs', s.RetransSegs],
    ['InErrs', s.InErrs],
    ['OutRsts', s.OutRsts],
    ['InCsumErrors', s.InCsumErrors],
  ];
}

const udpNames = [
  'InDatagrams',
  'NoPorts',
  'InErrors',
  'OutDatagrams',
  'RcvbufErrors',
  'SndbufErrors',
  'InCsumErrors',
  'IgnoredMulti',
  'MemErrors',
] as const;

function udp(s: UdpStats): Counters {
  const values = [
    s.inDatagrams,
    s.noPorts,
    s.inErrors,
    s.outDatagrams,
    s.rcvbufErrors,
    s.sndbufErrors,
    s.inCsumErrors,
    s.ignoredMulti,
    s.memErrors,
  ];
  return udpNames.map((name, index) => [name, values[index]!]);
}
