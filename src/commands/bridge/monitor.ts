import type { NetlinkMessage } from '../../netlink/message.js';
import * as rtnl from '../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import { tunnelMessage } from '../../netlink/rtnl/tunnel.js';
import { bridgeLinkMessage } from '../../netlink/rtnl/bridge.js';
import { AF_BRIDGE, AF_UNSPEC } from '../../netlink/constants.js';
import type { IpContext } from '../ip/context.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { fatal } from '../shared/failure.js';
import { recordedMessages, TIME_STAMP, timeStampText } from '../shared/recorded.js';
import { timestampText } from '../shared/timestamp.js';
import { printFdb } from './fdb.js';
import { printBridgeLink } from './link.js';
import { prepareMdb, printMdbEvent } from './mdb.js';
import type { BridgeVerb } from './object.js';
import { MONITOR_USAGE } from './usage.js';
import { printVnis } from './vni.js';
import { printVlanEvent } from './vlan-options.js';

/** What can be watched, and the multicast group of each. */
export const watchedGroups: readonly (readonly [word: string, group: number])[] = [
  ['link', rtnl.RTNLGRP_LINK],
  ['fdb', rtnl.RTNLGRP_NEIGH],
  ['mdb', rtnl.RTNLGRP_MDB],
  ['vlan', rtnl.RTNLGRP_BRVLAN],
  ['vni', rtnl.RTNLGRP_TUNNEL],
];
/** Without a word VLANs and VNIs are not watched. */
const usual = ['link', 'fdb', 'mdb'];

class Events {
  readonly #context: IpContext;
  readonly #labels: boolean;

  constructor(context: IpContext, labels: boolean) {
    this.#context = context;
    this.#labels = labels;
  }

  async print(message: NetlinkMessage): Promise<void> {
    const { links, options, out, io } = this.#context;
    if (options.timestamp) out.text(timestampText(io.nowUs(), options.timestampShort));
    switch (message.type) {
      case rtnl.RTM_NEWLINK:
      case rtnl.RTM_DELLINK: {
        const { family, index } = bridgeLinkMessage.readHeader(message);
        if (family !== AF_BRIDGE && family !== AF_UNSPEC) return;
        if (family === AF_UNSPEC && message.type === rtnl.RTM_NEWLINK) links.remember(message);
        this.#head('LINK');
        printBridgeLink(this.#context, message);
        if (family === AF_UNSPEC && message.type === rtnl.RTM_DELLINK) links.forget(index);
        return;
      }
      case rtnl.RTM_NEWNEIGH:
      case rtnl.RTM_DELNEIGH: {
        const { family, ifindex } = neighbourMessage.readHeader(message);
        if (family !== AF_BRIDGE) return;
        await links.learn(ifindex);
        this.#head('NEIGH');
        printFdb(this.#context, message);
        return;
      }
      case rtnl.RTM_NEWMDB:
      case rtnl.RTM_DELMDB:
        this.#head('MDB');
        printMdbEvent(this.#context, message);
        return;
      case rtnl.RTM_NEWVLAN:
      case rtnl.RTM_DELVLAN:
        this.#head('VLAN');
        printVlanEvent(this.#context, message);
        return;
      case rtnl.RTM_NEWTUNNEL:
      case rtnl.RTM_DELTUNNEL:
        await links.learn(tunnelMessage.readHeader(message).ifindex);
        this.#head('TUNNEL');
        printVnis(this.#context, message);
        return;
      case TIME_STAMP:
        out.text(timeStampText(message));
        return;
      default:
    }
  }

  #head(label: string): void {
    if (this.#labels) this.#context.out.text(`[${label}]`);
  }
}

/** `bridge monitor`: what happens to bridges, until it is interrupted. */
export async function runMonitor(context: IpContext, cursor: Cursor): Promise<number> {
  const words: string[] = [];
  let file: string | undefined;
  let labels = false;
  while (!cursor.done) {
    const word = cursor.next();
    const known = watchedGroups.find(([name]) => abbreviates(word, name));
    if (word === 'file') file = cursor.next();
    else if (known !== undefined) words.push(known[0]);
    else if (word === 'all') {
      labels = true;
      words.push(...watchedGroups.map(([name]) => name));
    } else if (abbreviates(word, 'help')) throw fatal(MONITOR_USAGE);
    else throw fatal(`Argument "${word}" is unknown, try "bridge monitor help".`);
  }
  await prepareMdb(context);
  const events = new Events(context, labels);
  if (file !== undefined) return replay(context, file, events);
  const wanted = words.length === 0 ? usual : words;
  const client = await context.open();
  try {
    await client.subscribe(watchedGroups.filter(([name]) => wanted.includes(name)).map(([, group]) => group));
    const lost = () => context.complain('netlink receive error No buffer space available (105)');
    for await (const message of client.notifications(context.io.signal, lost)) {
      await events.print(message);
      await context.flush();
    }
  } finally {
    await client.close();
  }
  return 0;
}

/** Messages that were written to a file. */
async function replay(context: IpContext, file: string, events: Events): Promise<number> {
  for await (const message of recordedMessages(context.io.files, file)) await events.print(message);
  await context.flush();
  return 0;
}

/** Words of it are no verbs. */
export const monitorVerbs: readonly BridgeVerb[] = [];
