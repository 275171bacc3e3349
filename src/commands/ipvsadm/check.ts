import { IP_VS_CONN_F_TUNNEL } from '../../netlink/genl/ip-vs.js';
import { commandNames, type IpvsadmCommand, type IpvsadmWords, type OptionName, optionNames, refusal } from './words.js';

/** What a command must be told, and what it may be. */
interface Allowed {
  readonly needs: readonly OptionName[];
  readonly takes: readonly OptionName[];
}

const tunnelOptions: readonly OptionName[] = ['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'];
const serviceOptions: Allowed = { needs: ['service-address'], takes: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'] };
const serverOptions: Allowed = {
  needs: ['service-address', 'real-server'],
  takes: ['forwarding-method', 'weight', 'u-threshold', 'l-threshold', ...tunnelOptions],
};
const daemonOptions: readonly OptionName[] = ['mcast-interface', 'syncid', 'sync-maxlen', 'mcast-group', 'mcast-port', 'mcast-ttl'];
const nothing: Allowed = { needs: [], takes: [] };

const allowed: Readonly<Record<IpvsadmCommand, Allowed>> = {
  addService: serviceOptions,
  editService: serviceOptions,
  deleteService: { needs: ['service-address'], takes: [] },
  flush: nothing,
  addServer: serverOptions,
  editServer: serverOptions,
  deleteServer: { needs: ['service-address', 'real-server'], takes: [] },
  list: {
    needs: [],
    takes: [
      'numeric',
      'connection',
      'service-address',
      'timeout',
      'daemon',
      'stats',
      'rate',
      'thresholds',
      'persistent-conn',
      'nosort',
      'exact',
      'tun-info',
      'syncid',
    ],
  },
  set: nothing,
  startDaemon: { needs: [], takes: daemonOptions },
  stopDaemon: { needs: [], takes: ['syncid'] },
  restore: nothing,
  save: { needs: [], takes: ['numeric'] },
  zero: { needs: [], takes: ['service-address'] },
  help: nothing,
  version: nothing,
};

/** Whether the words go together; what does not is refused in the tool's words. */
export function checkWords(words: IpvsadmWords): void {
  const { needs, takes } = allowed[words.command];
  const name = commandNames[words.command as keyof typeof commandNames];
  for (const option of optionNames) {
    if (needs.includes(option) && !words.has(option)) throw refusal(`You need to supply the '${option}' option for the '${name}' command`);
    if (words.has(option) && !needs.includes(option) && !takes.includes(option))
      throw refusal(`Illegal '${option}' option with the '${name}' command`);
  }
  if (words.command === 'list') checkList(words);
  if (words.command === 'addService' || words.command === 'editService') checkService(words);
  if (words.command === 'addServer' || words.command === 'editServer') checkServer(words);
}

function checkList(words: IpvsadmWords): void {
  const conflict = (one: OptionName, other: OptionName) =>
    refusal(`The option '${one}' conflicts with the '${other}' option in the 'list' command`);
  if (words.has('connection')) {
    if (words.has('service-address')) throw conflict('service-address', 'connection');
    if (words.has('timeout')) throw conflict('timeout', 'connection');
    if (words.has('daemon')) throw conflict('daemon', 'connection');
    if (words.has('stats') || words.has('rate') || words.has('thresholds')) throw refusal('options conflicts in the list command');
  }
  for (const one of ['timeout', 'daemon'] as const) {
    if (!words.has(one)) continue;
    if (words.has('service-address')) throw conflict(one, 'service-address');
    if (one === 'timeout' && words.has('daemon')) throw conflict('daemon', 'timeout');
    if (words.has('stats') || words.has('rate') || words.has('thresholds') || words.has('persistent-conn'))
      throw refusal('options conflicts in the list command');
  }
}

function checkService(words: IpvsadmWords): void {
  if (words.fwmark === 0 && words.port === 0 && words.persistent === 0) throw refusal('Zero port specified for non-persistent service');
  if (words.onePacket && words.fwmark === 0 && words.protocol !== 17)
    throw refusal('One-Packet Scheduling is only for UDP virtual services');
}

/** One says no to what the other says. */
const exclusive: readonly (readonly [OptionName, OptionName])[] = [
  ['tun-csum', 'tun-nocsum'],
  ['tun-remcsum', 'tun-nocsum'],
  ['tun-remcsum', 'tun-csum'],
];
const tunnelNames = ['ipip', 'gue', 'gre'];
/** What each kind of tunnel is told. */
const tunnelTakes: readonly Allowed[] = [
  { needs: [], takes: ['tun-type'] },
  { needs: ['tun-port'], takes: ['tun-type', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] },
  { needs: [], takes: ['tun-type', 'tun-nocsum', 'tun-csum'] },
];

function checkServer(words: IpvsadmWords): void {
  const { family } = words.server!;
  if (words.forward !== IP_VS_CONN_F_TUNNEL) {
    if (family !== words.family) throw refusal('Different address family is allowed only for tunneling servers');
    if (tunnelOptions.some((option) => words.has(option))) throw refusal('Tunnel options conflict with forward method');
  } else {
    const type = tunnelNames[words.tunnelType];
    const { needs, takes } = tunnelTakes[words.tunnelType]!;
    for (const option of tunnelOptions) {
      if (needs.includes(option) && !words.has(option))
        throw refusal(`You need to supply the '${option}' option for the '${type}' tunnel type`);
      if (words.has(option) && !needs.includes(option) && !takes.includes(option))
        throw refusal(`Illegal '${option}' option with the '${type}' tunnel type`);
    }
    for (const [one, other] of exclusive)
      if (words.has(one) && words.has(other))
        throw refusal(`The option '${one}' conflicts with the '${other}' option in the '${type}' tunnel type`);
  }
  // What is not translated keeps its port.
  if (words.forward !== 0 && words.fwmark === 0) words.serverPort = words.port;
}
