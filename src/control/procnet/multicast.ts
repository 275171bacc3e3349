import type { NetDevice } from '../../net/core/device.js';
import type { Membership } from '../../net/core/group-reporter.js';
import type { Namespace } from '../../net/core/namespace.js';
import { addressToBytes, ALL_NODES, equalAddress, type In6, multicastScope } from '../../wire/ipv6.js';
import { hex, hexBytes } from './hex.js';
import type { ProcNetView } from './view.js';

/** Milliseconds of a USER_HZ tick, in which the files have times. */
const TICK_MS = 10;
// mca_flags, linux/net/if_inet6.h: MAF_*
const TIMER_RUNNING = 0x01;
const LAST_REPORTER = 0x02;
const LOADED = 0x04;
const NOREPORT = 0x08;

const devices = (namespace: Namespace) => namespace.devices().filter((device) => device.registered);

/** Linux: dev_mc_seq_show() */
export const devMcast: ProcNetView = {
  path: 'dev_mcast',
  text: (namespace) =>
    devices(namespace)
      .flatMap((device) =>
        device.multicastList.groups.map(
          ({ address, users, fixed }) =>
            `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ${String(users).padEnd(5)} ${String(fixed).padEnd(5)} ${hexBytes(address)}\n`,
        ),
      )
      .join(''),
};

const swapped = (address: number): number =>
  (((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24)) >>> 0;

const ticks = (namespace: Namespace, device: NetDevice, member: Membership<number>): number =>
  Math.floor((namespace.ipv4.multicast.reporterOf(device)?.remainingMs(member) ?? 0) / TICK_MS);

/** Linux: igmp_mc_seq_show() */
export const igmp: ProcNetView = {
  path: 'igmp',
  text(namespace) {
    const { multicast } = namespace.ipv4;
    let text = 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n';
    for (const device of devices(namespace)) {
      const groups = multicast.groupsOf(device);
      if (groups.length === 0) continue;
      const version = multicast.reporterOf(device)!.version;
      text += `${device.ifindex}\t${device.name.padEnd(10)}: ${String(groups.length).padStart(5)} ${`V${version}`.padStart(7)}\n`;
      for (const member of groups) {
        const { group, users, timer, reporter } = member;
        const running = timer.armed ? 1 : 0;
        const remaining = hex(ticks(namespace, device, member), 8).toUpperCase();
        text += `\t\t\t\t${hex(swapped(group), 8).toUpperCase()} ${String(users).padStart(5)} ${running}:${remaining}\t\t${reporter ? 1 : 0}\n`;
      }
    }
    return text;
  },
};

function flagsOf({ group, timer, reporter, loaded }: Membership<In6>): number {
  const silent = multicastScope(group) < 2 || equalAddress(group, ALL_NODES);
  return (
    (timer.armed ? TIMER_RUNNING : 0) |
    (reporter ? LAST_REPORTER : 0) |
    (loaded && multicastScope(group) >= 2 ? LOADED : 0) |
    (silent ? NOREPORT : 0)
  );
}

/** Linux: igmp6_mc_seq_show() */
export const igmp6: ProcNetView = {
  path: 'igmp6',
  text: (namespace) =>
    devices(namespace)
      .flatMap((device) =>
        namespace.ipv6.multicast.groupsOf(device).map((member) => {
          const remaining = Math.floor((namespace.ipv6.multicast.reporterOf(device)?.remainingMs(member) ?? 0) / TICK_MS);
          const flags = hex(flagsOf(member), 8).toUpperCase();
          const group = hexBytes(addressToBytes(member.group));
          return `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ${group} ${String(member.users).padStart(5)} ${flags} ${remaining}\n`;
        }),
      )
      .join(''),
};

/** A line a source that a filter names. `write` gives index and device, then group and source as the family shows them. */
function* sources<A>(device: NetDevice, members: readonly Membership<A>[], write: (group: A, source: A) => string): Generator<string> {
  for (const member of members)
    for (const { address, counts } of member.sources) {
      const [excluding, including] = counts;
      const head = `${String(device.ifindex).padStart(3)} ${device.name.padStart(6)} ${write(member.group, address)}`;
      yield `${head} ${String(including).padStart(6)} ${String(excluding).padStart(6)}\n`;
    }
}

const columns = (texts: readonly string[], width: number) => texts.map((text) => text.padStart(width)).join(' ');

/** Linux: igmp_mcf_seq_show() */
export const mcfilter: ProcNetView = {
  path: 'mcfilter',
  text(namespace) {
    let text = `Idx Device ${columns(['MCA', 'SRC'], 10)} ${columns(['INC', 'EXC'], 6)}\n`;
    for (const device of devices(namespace))
      for (const line of sources(device, namespace.ipv4.multicast.groupsOf(device), (a, b) => `0x${hex(a, 8)} 0x${hex(b, 8)}`))
        text += line;
    return text;
  },
};

/** Linux: igmp6_mcf_seq_show() */
export const mcfilter6: ProcNetView = {
  path: 'mcfilter6',
  text(namespace) {
    let text = `Idx Device ${columns(['Multicast Address', 'Source Address'], 32)} ${columns(['INC', 'EXC'], 6)}\n`;
    const bytes = (address: In6) => hexBytes(addressToBytes(address));
    for (const device of devices(namespace))
      for (const line of sources(device, namespace.ipv6.multicast.groupsOf(device), (a, b) => `${bytes(a)} ${bytes(b)}`)) text += line;
    return text;
  },
};
