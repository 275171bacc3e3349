import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { type DaemonAttributes, IPVS_GENL_VERSION, IpvsCommand, ipvsMessage } from '../../netlink/genl/ip-vs.js';
import type { DaemonConfig } from '../../net/netfilter/ipvs/sync/daemons.js';
import { addressToBytes, readAddress } from '../../wire/ipv6.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { GenlCommand } from './generic-netlink.js';

const parse = (request: NetlinkRequest): DaemonAttributes => ipvsMessage.parse(request.message).attributes.daemon ?? fail(EINVAL);

/** Linux: ip_vs_genl_fill_daemon() */
function describe(config: DaemonConfig): DaemonAttributes {
  const { group } = config;
  return {
    state: config.state,
    mcastIfn: config.device,
    syncId: config.syncId,
    syncMaxlen: config.maxLength,
    mcastPort: config.port,
    mcastTtl: config.ttl,
    ...(config.sixGroup ? { mcastGroup6: addressToBytes(group) } : { mcastGroup: addressToBytes(group).subarray(0, 4) }),
  };
}

function groupOf({ mcastGroup, mcastGroup6 }: DaemonAttributes): { group: Uint32Array; sixGroup: boolean } {
  const whole = new Uint8Array(16);
  whole.set(mcastGroup6 ?? mcastGroup ?? []);
  return { group: readAddress(new DataView(whole.buffer), 0, new Uint32Array(4)), sixGroup: mcastGroup6 !== undefined };
}

/** The part of IPVS's commands that is about the daemons that keep backups up to date. */
export const daemonCommands: readonly GenlCommand[] = [
  {
    command: IpvsCommand.NEW_DAEMON,
    admin: true,
    // Linux: ip_vs_genl_new_daemon()
    handle(request) {
      const values = parse(request);
      const { state, mcastIfn, syncId, syncMaxlen = 0, mcastPort = 0, mcastTtl = 0 } = values;
      if (state === undefined || mcastIfn === undefined || syncId === undefined) return fail(EINVAL);
      const { group, sixGroup } = groupOf(values);
      request.namespace.ipvs.sync.start({
        state,
        device: mcastIfn,
        syncId,
        maxLength: syncMaxlen,
        port: mcastPort,
        ttl: mcastTtl,
        group,
        sixGroup,
      });
    },
  },
  {
    command: IpvsCommand.DEL_DAEMON,
    admin: true,
    handle(request) {
      request.namespace.ipvs.sync.stop(parse(request).state ?? fail(EINVAL));
    },
  },
  {
    command: IpvsCommand.GET_DAEMON,
    admin: true,
    dump: (request) => ({
      *messages(writer) {
        const { type, sequence } = request.message;
        const header = { command: IpvsCommand.NEW_DAEMON, version: IPVS_GENL_VERSION };
        for (const config of request.namespace.ipvs.sync.configs()) {
          ipvsMessage.build(writer, type, NLM_F_MULTI, sequence, request.socket.portId, header, { daemon: describe(config) });
          yield;
        }
      },
    }),
  },
];
