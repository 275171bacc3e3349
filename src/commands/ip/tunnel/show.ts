import { RTM_GETLINK } from '../../../netlink/rtnl/constants.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import { ipTunnelData } from '../../../netlink/rtnl/link/iptunnel.js';
import { formatAddress } from '../../shared/address.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { Cursor } from '../../shared/cursor.js';
import type { IpContext } from '../context.js';
import { GRE_CSUM, GRE_KEY, GRE_SEQ } from '../link/kinds/gre.js';
import { ipv4Text } from '../link/kinds/tunnel-words.js';
import type { Verb } from '../object.js';
import { type FoundTunnel, IPPROTO_IPV6, modeOf, protocolText, type Tunnel, tunnelOf } from './modes.js';
import { routersText } from './prl.js';
import { keywords, readTunnel } from './words.js';

/** All tunnels of the namespace. */
export async function allTunnels(context: IpContext): Promise<FoundTunnel[]> {
  const found: FoundTunnel[] = [];
  for await (const message of context.dump(linkMessage, { type: RTM_GETLINK, header: {}, attributes: {} })) {
    context.links.remember(message);
    const tunnel = tunnelOf(message);
    if (tunnel !== undefined) found.push(tunnel);
  }
  return found;
}

async function typeOfService({ names }: IpContext, tos: number): Promise<string> {
  await names.load('rt_dsfield');
  return names.nameOf('rt_dsfield', tos) ?? `0x${tos.toString(16).padStart(2, '0')}`;
}

async function print(context: IpContext, { tunnel, attributes }: FoundTunnel, listed: boolean): Promise<void> {
  const { out, links, options } = context;
  const { remote, local, link, ttl, tos, inputFlags, outputFlags } = tunnel;
  let text = `${tunnel.name}: ${protocolText(tunnel.protocol)}/ip remote ${ipv4Text(remote)} local ${ipv4Text(local)}`;
  if (link !== 0) text += ` dev ${links.nameOf(link)}`;
  if (tunnel.isatap && tunnel.protocol === IPPROTO_IPV6) text += await routersText(context, tunnel.name);
  text += ttl === 0 ? ' ttl inherit' : ` ttl ${ttl}`;
  if (tos !== 0) {
    const rest = tos & ~1;
    text += ' tos';
    if ((tos & 1) !== 0) text += ' inherit';
    if (rest !== 0) text += `${(tos & 1) !== 0 ? '/' : ' '}${await typeOfService(context, rest)}`;
  }
  if (!tunnel.pmtudisc) text += ' nopmtudisc';
  if ((inputFlags & GRE_KEY) !== 0 && (outputFlags & GRE_KEY) !== 0 && tunnel.inputKey === tunnel.outputKey)
    text += ` key ${tunnel.inputKey}`;
  else {
    if ((inputFlags & GRE_KEY) !== 0) text += ` ikey ${tunnel.inputKey}`;
    if ((outputFlags & GRE_KEY) !== 0) text += ` okey ${tunnel.outputKey}`;
  }
  if (tunnel.protocol === IPPROTO_IPV6) text += sixRdText(attributes);
  const line = out.oneline ? '\\' : '\n';
  if ((inputFlags & GRE_SEQ) !== 0) text += `${line}  Drop packets out of sequence.`;
  if ((inputFlags & GRE_CSUM) !== 0) text += `${line}  Checksum in received packet is required.`;
  if ((outputFlags & GRE_SEQ) !== 0) text += `${line}  Sequence packets on output.`;
  if ((outputFlags & GRE_CSUM) !== 0) text += `${line}  Checksum output packets.`;
  out.always(`${text}\n`);
  if (options.stats > 0 && listed) out.always(statistics(attributes));
}

/** The prefix of a sit tunnel, and what sites' addresses have in common. */
function sixRdText({ linkinfo }: FoundTunnel['attributes']): string {
  const data = linkinfo?.kind === 'sit' ? linkinfo.data?.parse(ipTunnelData) : undefined;
  if (data?.sixRdPrefix === undefined || !data.sixRdPrefixLength) return '';
  const prefix = ` 6rd-prefix ${formatAddress(AF_INET6, data.sixRdPrefix)}/${data.sixRdPrefixLength}`;
  return data.sixRdRelayPrefix
    ? `${prefix} 6rd-relay_prefix ${ipv4Text(data.sixRdRelayPrefix)}/${data.sixRdRelayPrefixLength ?? 0}`
    : prefix;
}

function statistics({ stats64 }: FoundTunnel['attributes']): string {
  if (stats64 === undefined) return '';
  const s = stats64;
  const row = (numbers: readonly number[], lastWidth: number) =>
    `    ${String(numbers[0]).padEnd(10)} ${String(numbers[1]).padEnd(12)} ${numbers
      .slice(2, 5)
      .map((n, i) => String(n).padEnd([6, 8, 8][i]!))
      .join(' ')} ${String(numbers[5]).padEnd(lastWidth)}\n`;
  return (
    'RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts\n' +
    row([s.rxPackets, s.rxBytes, s.rxErrors, s.rxFrameErrors, s.rxFifoErrors, s.multicast], 8) +
    'TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs\n' +
    row([s.txPackets, s.txBytes, s.txErrors, s.collisions, s.txCarrierErrors, s.txDropped], 6)
  );
}

export const sameEnds = (a: Tunnel, b: Tunnel): boolean =>
  a.remote === b.remote && a.local === b.local && a.link === b.link && a.inputKey === b.inputKey;

export async function showTunnels(context: IpContext, cursor: Cursor): Promise<number> {
  const { tunnel: wanted, moded } = await readTunnel(context, cursor);
  const all = await allTunnels(context);
  const mode = moded ? modeOf(wanted.protocol) : undefined;
  if (mode !== undefined && wanted.name === '') {
    // Linux: SIOCGETTUNNEL of the module's device finds the tunnel that is set just so, else is about that device.
    const ofKind = all.filter(({ attributes }) => attributes.linkinfo?.kind === mode.kind);
    const exact = ofKind.find(({ tunnel }) => sameEnds(tunnel, wanted) && tunnel.name !== mode.base);
    const found = exact ?? ofKind.find(({ tunnel }) => tunnel.name === mode.base);
    if (found !== undefined) await print(context, found, false);
    return 0;
  }
  for (const found of all) {
    const { tunnel } = found;
    if (wanted.name !== '' && tunnel.name !== wanted.name) continue;
    if (wanted.link !== 0 && tunnel.link !== wanted.link) continue;
    if (wanted.remote !== 0 && tunnel.remote !== wanted.remote) continue;
    if (wanted.local !== 0 && tunnel.local !== wanted.local) continue;
    if (wanted.inputKey !== 0 && tunnel.inputKey !== wanted.inputKey) continue;
    // Linux: of a tunnel whose mode is known from its name, the ioctl is asked, which has no counters.
    await print(context, found, wanted.protocol === 0);
  }
  return 0;
}

export const show: Verb = {
  names: ['show', 'list', 'lst'],
  summary: 'show tunnels',
  operands: '[ NAME ]',
  completeOperand: 'device',
  keywords,
  run: showTunnels,
};
