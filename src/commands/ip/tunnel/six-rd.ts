import { EINVAL, ENODEV, EOPNOTSUPP, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { RTM_NEWLINK } from '../../../netlink/rtnl/constants.js';
import { type IpTunnelData, ipTunnelData } from '../../../netlink/rtnl/link/iptunnel.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { Deferred } from '../../../netlink/schema.js';
import { readIpv4 } from '../../../wire/ipv4-address.js';
import { parsePrefix } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure, fatal, invalidArgument } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { allTunnels } from './show.js';

/** What is set: 2002::/16 again, or what the words say. */
type Parameters = Pick<IpTunnelData, 'sixRdPrefix' | 'sixRdPrefixLength' | 'sixRdRelayPrefix' | 'sixRdRelayPrefixLength'>;

const sixToFour: Parameters = {
  sixRdPrefix: Uint8Array.from({ length: 16 }, (_, index) => [0x20, 0x02][index] ?? 0),
  sixRdPrefixLength: 16,
  sixRdRelayPrefix: 0,
  sixRdRelayPrefixLength: 0,
};

async function run(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let wanted: Parameters | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') device = cursor.next();
    else if (word === '6rd-reset') wanted = sixToFour;
    else if (word === '6rd-prefix') {
      const { bytes, length } = parsePrefix(cursor.next(), AF_INET6);
      wanted = { ...wanted, sixRdPrefix: bytes, sixRdPrefixLength: length, sixRdRelayPrefix: 0, sixRdRelayPrefixLength: 0 };
    } else if (word === '6rd-relay_prefix') {
      const { bytes, length } = parsePrefix(cursor.next(), AF_INET);
      wanted = { ...wanted, sixRdRelayPrefix: readIpv4(bytes), sixRdRelayPrefixLength: length };
    } else throw invalidArgument('unknown', word);
  }
  if (device === undefined) throw fatal('Must specify device');
  if (wanted === undefined) throw fatal('Must specify 6rd-prefix or 6rd-reset');
  const refused = (errno: number) => failure(`${device}: ioctl 89f9 failed: ${strerror(errno)}`);
  const found = (await allTunnels(context)).find(({ tunnel }) => tunnel.name === device);
  const data = found?.attributes.linkinfo?.kind === 'sit' ? found.attributes.linkinfo.data?.parse(ipTunnelData) : undefined;
  if (found === undefined || data === undefined) throw refused((await context.links.indexOf(device)) === 0 ? ENODEV : EOPNOTSUPP);
  const client = await context.client();
  try {
    await client.request(linkMessage, {
      type: RTM_NEWLINK,
      header: { index: found.header.index },
      attributes: { linkinfo: { kind: 'sit', data: Deferred.of(ipTunnelData, { ...data, ...wanted }) } },
    });
  } catch (error) {
    throw error instanceof NetError ? refused(error.errno === 0 ? EINVAL : error.errno) : error;
  }
  return 0;
}

export const sixRd: Verb = {
  names: ['6rd'],
  summary: "the prefix by which IPv6 addresses name their site's IPv4 address",
  keywords: [
    { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'the tunnel, of mode sit' },
    { word: '6rd-prefix', exact: true, value: 'PREFIX', text: 'the IPv6 prefix of all sites' },
    { word: '6rd-relay_prefix', exact: true, value: 'PREFIX', text: 'what the IPv4 addresses of all sites have in common' },
    { word: '6rd-reset', exact: true, text: '2002::/16 (6to4) again' },
  ],
  run,
};
