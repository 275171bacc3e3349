import { NetError } from '../../../base/net-error.js';
import { isDisconnected } from '../../../client/netlink-client.js';
import { AF_UNSPEC } from '../../../netlink/constants.js';
import { RTM_GETNETCONF } from '../../../netlink/rtnl/constants.js';
import { netconfMessage } from '../../../netlink/rtnl/netconf.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { IpObject } from '../object.js';
import { printNetconf } from './print.js';

interface Words {
  readonly context: IpContext;
  ifindex: number;
}

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the settings of that device alone',
    take: async (s, c) => {
      const name = c.next();
      s.ifindex = await s.context.links.indexOf(name);
      if (s.ifindex === 0) throw failure(`Device "${name}" does not exist.`);
    },
  },
];

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, options, links } = context;
  const words: Words = { context, ifindex: 0 };
  // Words that it does not know are passed over, as the real one does.
  await readKeywords(keywords, words, cursor, (_, c) => c.skip());
  const { family } = options;
  await links.load();
  if (words.ifindex !== 0 && family !== AF_UNSPEC) {
    // One message, which the real tool prints as an event: as text in any case.
    // A family that the device lacks is no error to it.
    const client = await context.client();
    const attributes = { ifindex: words.ifindex };
    try {
      const answer = await client.get(netconfMessage, { type: RTM_GETNETCONF, header: { family }, attributes });
      if (answer !== null) printNetconf(context, answer);
    } catch (error) {
      if (!(error instanceof NetError) || isDisconnected(error)) throw error;
    }
    return 0;
  }
  out.openDocument();
  for await (const message of context.dump(netconfMessage, { type: RTM_GETNETCONF, header: { family } })) {
    const { header, attributes } = netconfMessage.parse(message);
    if (family !== AF_UNSPEC && header.family !== family) continue;
    if (words.ifindex !== 0 && attributes.ifindex !== words.ifindex) continue;
    out.openObject();
    printNetconf(context, message);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

/** `ip netconf`: the settings of devices that netlink tells of. */
export const netconf: IpObject = {
  name: 'netconf',
  summary: 'settings of devices for IPv4 and IPv6',
  usage: 'Usage: ip netconf show [ dev STRING ]',
  description: [
    'Shows for each device, and for "all" and "default", whether packets are forwarded, how sources are checked, and what else',
    'of net.ipv4.conf and net.ipv6.conf netlink tells of. sysctl(8) changes these; "ip monitor netconf" tells of each change.',
  ],
  verbs: [{ names: ['show', 'list'], hidden: ['lst'], summary: 'show the settings', keywords, run: show }],
  withoutVerb: show,
  examples: [['ip -4 netconf show dev eth0', 'does eth0 forward IPv4?']],
};
