import { hasBit, readBitset } from '../../netlink/genl/ethtool/bitset.js';
import { Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { tunnelInfoMessage } from '../../netlink/genl/ethtool/messages.js';
import { showing } from './run.js';
import type { SubCommand } from './subcommand.js';

/** --show-tunnels: UDP ports that a NIC takes for tunnels. */
export const showTunnels: SubCommand = {
  options: ['--show-tunnels'],
  summary: 'Show NIC tunnel offload information',
  netlink: showing({
    schema: tunnelInfoMessage,
    get: Request.TUNNEL_INFO_GET,
    async show(context, { device, values: { udpPorts } }, silent) {
      const names = await (await context.netlink()).strings(StringSet.UDP_TUNNEL_TYPES);
      context.print(`${silent ? '\n' : ''}Tunnel information for ${device}:\n`);
      for (const [i, { size = 0, types, entries = [] }] of (udpPorts?.tables ?? []).entries()) {
        const bits = readBitset(types);
        const kinds = names.filter((_, index) => bits !== null && hasBit(bits.value, index));
        context.print(`  UDP port table ${i}: \n    Size: ${size}\n    Types: ${kinds.join(', ') || 'none (static entries)'}\n`);
        context.print(entries.length === 0 ? '    No entries\n' : `    Entries (${entries.length}):\n`);
        for (const { port = 0, type = 0 } of entries) context.print(`        port ${port}, ${names[type] ?? type}\n`);
      }
    },
  }),
};
