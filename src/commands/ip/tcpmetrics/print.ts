import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { type TcpMetricsAttributes, tcpMetricsMessage } from '../../../netlink/genl/tcp-metrics.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { familyColor } from '../../shared/color.js';
import { ipv4Bytes } from '../../shared/address.js';
import type { IpContext } from '../context.js';

/** One peer: whose address, and ours, of either family. */
export interface MetricsView {
  readonly family: number;
  readonly address: Uint8Array;
  readonly source: Uint8Array | undefined;
  readonly attributes: TcpMetricsAttributes;
}

/** Null for a message that names no peer. */
export function viewOf(message: NetlinkMessage): MetricsView | null {
  const attributes = tcpMetricsMessage.parseAttributes(message);
  const { addressIpv4, addressIpv6, sourceIpv4, sourceIpv6 } = attributes;
  if (addressIpv4 !== undefined) {
    const source = sourceIpv4 === undefined ? undefined : ipv4Bytes(sourceIpv4);
    return { family: AF_INET, address: ipv4Bytes(addressIpv4), source, attributes };
  }
  return addressIpv6 === undefined ? null : { family: AF_INET6, address: addressIpv6, source: sourceIpv6, attributes };
}

/** As printf's %g writes it. */
const general = (value: number) => Number(value.toPrecision(6));
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Microseconds of a time that is kept `scale`-fold, from whichever of its two forms came. */
function timeUs(us: number | undefined, ms: number | undefined, scale: number): number {
  return Math.floor((us ?? (ms ?? 0) * 1000) / scale);
}

/** One line for one peer. */
export function printMetrics(context: IpContext, view: MetricsView): void {
  const { out } = context;
  const { attributes, family } = view;
  const destination = context.host(family, view.address);
  out.field('dst', destination, destination, familyColor(family));
  if (attributes.ageMs !== undefined) {
    const seconds = attributes.ageMs / 1000;
    out.field('age', general(seconds), ` age ${seconds.toFixed(3)}sec`);
  }
  const { values } = attributes;
  if (values !== undefined) {
    for (const key of ['ssthresh', 'cwnd', 'reordering'] as const) {
      const value = values[key];
      if (value !== undefined) out.field(key, value, ` ${key} ${value}`);
    }
    const time = (key: string, us: number) => {
      if (us !== 0) out.field(key, general(us / 1_000_000), ` ${key} ${us}us`);
    };
    time('rtt', timeUs(values.rttUs, values.rttMs, 8));
    time('rttvar', timeUs(values.rttvarUs, values.rttvarMs, 4));
  }
  const { fastOpenMss, fastOpenSynDrops, fastOpenSynDropAgeMs = 0, fastOpenCookie } = attributes;
  if (fastOpenMss !== undefined) out.field('fopen_miss', fastOpenMss, ` fo_mss ${fastOpenMss}`);
  if (fastOpenSynDrops !== undefined) {
    const seconds = fastOpenSynDropAgeMs / 1000;
    out.field('fopen_syn_drops', fastOpenSynDrops, ` fo_syn_drops ${fastOpenSynDrops}`);
    out.field('fopen_syn_drop_ts', general(seconds), `/${seconds.toFixed(3)}sec ago`);
  }
  if (fastOpenCookie !== undefined) out.field('fo_cookie', hexOf(fastOpenCookie), ` fo_cookie ${hexOf(fastOpenCookie)}`);
  if (view.source !== undefined) {
    const source = context.host(family, view.source);
    out.field('source', source, ` source ${source}`);
  }
  out.text('\n');
}
