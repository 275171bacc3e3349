import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import {
  type DaemonAttributes,
  type DestinationAttributes,
  IP_VS_STATE_MASTER,
  IP_VS_SVC_F_ONEPACKET,
  IP_VS_SVC_F_PERSISTENT,
  IpvsCommand,
  type ServiceAttributes,
} from '../../netlink/genl/ip-vs.js';
import { formatAddress } from '../shared/address.js';
import { procFiles } from '../shared/proc-files.js';
import { connectionLines, connectionsTitle } from './connection-lines.js';
import { parseFlags } from './flags.js';
import type { IpvsadmContext } from './ipvsadm.js';
import { kindOf, ntohl, serverLine, serviceLine, titleOf } from './list.js';
import { NameWriter } from './names.js';
import { saveServer, saveService } from './save.js';
import { sortServers, sortServices } from './sort.js';
import type { HostAddress, IpvsadmCommand, IpvsadmWords } from './words.js';

type Verb = (context: IpvsadmContext, words: IpvsadmWords) => Promise<void>;

const whole = ({ bytes }: HostAddress): Uint8Array => {
  const address = new Uint8Array(16);
  address.set(bytes);
  return address;
};

/** What names a service to the kernel. */
function naming(words: IpvsadmWords): ServiceAttributes {
  const { family: af, protocol, address, port, fwmark } = words;
  return fwmark !== 0 ? { af, fwmark } : { af, protocol, addr: whole(address), port };
}

function service(words: IpvsadmWords): ServiceAttributes {
  const scheduler = words.scheduler === '' ? 'wlc' : words.scheduler.slice(0, 15);
  let flags = parseFlags(words.schedulerFlags, scheduler);
  if (words.persistent !== 0) flags |= IP_VS_SVC_F_PERSISTENT;
  if (words.onePacket) flags |= IP_VS_SVC_F_ONEPACKET;
  return {
    ...naming(words),
    schedName: scheduler,
    ...(words.engine === '' ? {} : { peName: words.engine.slice(0, 15) }),
    flags: { flags, mask: 0xffff_ffff },
    timeout: words.persistent,
    netmask: words.family === AF_INET6 ? words.netmask : ntohl(words.netmask),
  };
}

function server(words: IpvsadmWords): DestinationAttributes {
  return {
    addr: whole(words.server!),
    port: words.serverPort,
    fwdMethod: words.forward,
    weight: words.weight,
    tunType: words.tunnelType,
    tunPort: words.tunnelPort,
    tunFlags: words.tunnelFlags,
    uThresh: words.upper,
    lThresh: words.lower,
    addrFamily: words.server!.family,
  };
}

const serverName = (words: IpvsadmWords): DestinationAttributes => ({
  addr: whole(words.server!),
  port: words.serverPort,
  addrFamily: words.server!.family,
});

function daemon(words: IpvsadmWords): DaemonAttributes {
  const { group } = words;
  return {
    state: words.state,
    mcastIfn: words.interface,
    syncId: words.syncId,
    ...(words.syncMaxlen === 0 ? {} : { syncMaxlen: words.syncMaxlen }),
    ...(words.groupPort === 0 ? {} : { mcastPort: words.groupPort }),
    ...(words.groupTtl === 0 ? {} : { mcastTtl: words.groupTtl }),
    ...(group === null ? {} : group.family === AF_INET6 ? { mcastGroup6: group.bytes } : { mcastGroup: group.bytes }),
  };
}

const namesFor = ({ resolver }: IpvsadmContext, words: IpvsadmWords) => new NameWriter(words.has('numeric') ? null : resolver);

const list: Verb = async (context, words) => {
  const { io, client } = context;
  if (words.has('connection')) return listConnections(context, words);
  if (words.has('timeout')) {
    const { timeoutTcp = 0, timeoutTcpFin = 0, timeoutUdp = 0 } = await client.config();
    return void (await io.stdout.write(`Timeout (tcp tcpfin udp): ${timeoutTcp} ${timeoutTcpFin} ${timeoutUdp}\n`));
  }
  if (words.has('daemon')) return listDaemons(context);
  const kind = kindOf(words.options);
  const names = namesFor(context, words);
  let text = '';
  const one = async (found: ServiceAttributes) => {
    text += serviceLine(found, kind, names, words.has('exact'));
    const servers = await client.servers(found);
    for (const entry of words.has('nosort') ? servers : sortServers(servers))
      text += serverLine(entry, found.fwmark === undefined ? (found.protocol ?? 0) : 0, kind, names, words.has('exact'));
  };
  if (words.has('service-address')) {
    const found = await client.service(naming(words));
    text = titleOf(kind);
    await one(found);
  } else {
    const { version, size } = await client.info();
    const number = `${(version >>> 16) & 255}.${(version >>> 8) & 255}.${version & 255}`;
    text = `IP Virtual Server version ${number} (size=${size})\n${titleOf(kind)}`;
    const services = await client.services();
    for (const found of words.has('nosort') ? services : sortServices(services)) await one(found);
  }
  await io.stdout.write(text);
};

async function listConnections(context: IpvsadmContext, words: IpvsadmWords): Promise<void> {
  const files = await procFiles(context.io, context.env);
  try {
    const text = await files.read('net/ip_vs_conn');
    const engines = words.has('persistent-conn');
    await context.io.stdout.write(connectionsTitle(engines) + connectionLines(text, namesFor(context, words), engines));
  } finally {
    files.close();
  }
}

async function listDaemons({ io, client }: IpvsadmContext): Promise<void> {
  let text = '';
  for (const { state, mcastIfn, syncId, syncMaxlen, mcastGroup, mcastGroup6, mcastPort, mcastTtl } of await client.daemons()) {
    const role = state === IP_VS_STATE_MASTER ? 'master' : 'backup';
    const group =
      mcastGroup6 !== undefined ? formatAddress(AF_INET6, mcastGroup6) : formatAddress(AF_INET, mcastGroup ?? new Uint8Array(4));
    text += `${role} sync daemon (mcast=${mcastIfn}, syncid=${syncId}, maxlen=${syncMaxlen}, group=${group}, port=${mcastPort}, ttl=${mcastTtl})\n`;
  }
  await io.stdout.write(text);
}

const save: Verb = async (context, words) => {
  const names = namesFor(context, words);
  let text = '';
  for (const found of sortServices(await context.client.services())) {
    text += saveService(found, names);
    for (const entry of sortServers(await context.client.servers(found))) text += saveServer(found, entry, names);
  }
  await context.io.stdout.write(text);
};

/** What each command does with checked words. */
export const verbs: Readonly<Partial<Record<IpvsadmCommand, Verb>>> = {
  addService: ({ client }, words) => client.request(IpvsCommand.NEW_SERVICE, { service: service(words) }),
  editService: ({ client }, words) => client.request(IpvsCommand.SET_SERVICE, { service: service(words) }),
  deleteService: ({ client }, words) => client.request(IpvsCommand.DEL_SERVICE, { service: naming(words) }),
  flush: ({ client }) => client.request(IpvsCommand.FLUSH),
  addServer: ({ client }, words) => client.request(IpvsCommand.NEW_DEST, { service: naming(words), dest: server(words) }),
  editServer: ({ client }, words) => client.request(IpvsCommand.SET_DEST, { service: naming(words), dest: server(words) }),
  deleteServer: ({ client }, words) => client.request(IpvsCommand.DEL_DEST, { service: naming(words), dest: serverName(words) }),
  zero: ({ client }, words) => client.request(IpvsCommand.ZERO, words.has('service-address') ? { service: naming(words) } : {}),
  set: ({ client }, { timeouts: [timeoutTcp = 0, timeoutTcpFin = 0, timeoutUdp = 0] }) =>
    client.request(IpvsCommand.SET_CONFIG, { timeoutTcp, timeoutTcpFin, timeoutUdp }),
  startDaemon: ({ client }, words) => client.request(IpvsCommand.NEW_DAEMON, { daemon: daemon(words) }),
  stopDaemon: ({ client }, words) => client.request(IpvsCommand.DEL_DAEMON, { daemon: { state: words.state } }),
  list,
  save,
};
