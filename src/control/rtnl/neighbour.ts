import type { Namespace } from '../../net/core/namespace.js';
import { AF_UNSPEC, NETLINK_ROUTE } from '../../netlink/constants.js';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH, RTNLGRP_NEIGH } from '../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import { describeNeighbour } from './neighbour/describe.js';
import { dumpNeighbours, getNeighbour } from './neighbour/get.js';
import { deleteNeighbour, newNeighbour } from './neighbour/modify.js';
import type { RtnetlinkModule } from './rtnetlink.js';

function watch(server: NetlinkServer, namespace: Namespace): void {
  for (const table of namespace.neighbourTables)
    table.events.subscribe(({ type, neighbour }) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_NEIGH }, (writer, sequence, portId) => {
        const { header, attributes } = describeNeighbour(neighbour);
        neighbourMessage.build(writer, type === 'new' ? RTM_NEWNEIGH : RTM_DELNEIGH, 0, sequence, portId, header, attributes);
      });
    });
}

/** Neighbours of all protocols: RTM_*NEIGH, RTNLGRP_NEIGH. */
export const neighbourModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWNEIGH, family: AF_UNSPEC, handle: newNeighbour },
    { type: RTM_DELNEIGH, family: AF_UNSPEC, handle: deleteNeighbour },
    { type: RTM_GETNEIGH, family: AF_UNSPEC, handle: getNeighbour, dump: dumpNeighbours },
  ],
  watch,
};
