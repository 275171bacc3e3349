import { NetError } from '../../base/net-error.js';
import { DumpError, NetlinkClient } from '../../client/netlink-client.js';
import { strerror } from '../../base/errno.js';
import { RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { type LinkAttributes, linkMessage } from '../../netlink/rtnl/link/link.js';
import type { EthtoolContext } from './context.js';
import type { SubCommand } from './subcommand.js';

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

function show(context: EthtoolContext, { ifname = '', permAddress }: LinkAttributes, all: boolean): void {
  if (permAddress === undefined || permAddress.every((byte) => byte === 0)) {
    if (!all) context.print('Permanent address: not set\n');
  } else context.print(`Permanent address${all ? ` of ${ifname}` : ''}: ${hex(permAddress)}\n`);
}

/** -P, which rtnetlink knows (IFLA_PERM_ADDRESS). */
export const permanentAddress: SubCommand = {
  options: ['-P', '--show-permaddr'],
  summary: 'Show permanent hardware address',
  async netlink(context) {
    const client = await NetlinkClient.open(await context.transport(), { signal: context.io.signal });
    try {
      if (context.device === '*') {
        for await (const message of client.dump(linkMessage, { type: RTM_GETLINK }))
          show(context, linkMessage.parseAttributes(message), true);
        return 0;
      }
      const message = await client.get(linkMessage, { type: RTM_GETLINK, attributes: { ifname: context.device } });
      if (message !== null) show(context, linkMessage.parseAttributes(message), false);
      return 0;
    } catch (error) {
      if (!(error instanceof NetError || error instanceof DumpError) || error.code === 'ECONNRESET') throw error;
      if (error.extack !== undefined) await context.complain(`netlink error: ${error.extack}`);
      await context.complain(`netlink error: ${strerror(error.errno)}`);
      return 1;
    } finally {
      client.close();
    }
  },
};
