import { AF_UNSPEC } from '../../netlink/constants.js';
import { RTM_GETSTATS } from '../../netlink/rtnl/constants.js';
import { bridgeStats, STATS_XSTATS, STATS_XSTATS_SLAVE, statsMessage, statsRequest } from '../../netlink/rtnl/stats.js';
import type { IpContext } from '../ip/context.js';
import { INDENT, printPlace, printVlanCounters, printVlanFlags } from './vlan-options.js';
import type { ShowSelection } from './vlan-words.js';

/** `bridge -s vlan show`: packets of each VLAN, of bridges and then of ports. */
export async function showVlanStatistics(context: IpContext, { index, vid }: ShowSelection): Promise<number> {
  const { out, links } = context;
  await links.load();
  out.openDocument();
  out.text(`${'port'.padEnd(INDENT)}vlan-id\n`);
  for (const filterMask of [STATS_XSTATS, STATS_XSTATS_SLAVE]) {
    const request = { type: RTM_GETSTATS, header: { family: AF_UNSPEC, filterMask }, attributes: {} };
    for await (const message of context.dump(statsRequest, request)) {
      const { header, attributes } = statsMessage.parse(message);
      if (index !== 0 && header.ifindex !== index) continue;
      const { bridge } = attributes.xstats ?? attributes.xstatsSlave ?? {};
      const vlans = (bridge?.parse(bridgeStats).vlans ?? []).filter((vlan) => vid === undefined || vlan.vid === vid);
      if (vlans.length === 0) continue;
      out.openObject();
      printPlace(out, links.nameOf(header.ifindex));
      out.openArray('vlans');
      for (const [at, vlan] of vlans.entries()) {
        out.openObject();
        if (at > 0) out.text(' '.repeat(INDENT));
        out.field('vid', vlan.vid, `${vlan.vid}`);
        if (vlan.flags !== 0) printVlanFlags(out, vlan.flags, true);
        out.text('\n');
        printVlanCounters(out, vlan);
        out.closeObject();
      }
      out.closeArray();
      out.closeObject();
    }
  }
  out.closeDocument();
  return 0;
}
