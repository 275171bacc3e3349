import { Icmp6Stats } from '../../net/ipv6/snmp.js';
import { internetLines } from './snmp6.js';
import type { ProcNetFolder } from './view.js';

/** Of a device that has had no message. */
const NO_MESSAGES = new Icmp6Stats();

/** /proc/net/dev_snmp6: a device's counters of IPv6. Linux: snmp6_dev_seq_show() */
export const devSnmp6: ProcNetFolder = {
  folder: 'dev_snmp6/',
  files: (namespace) => [...namespace.devices()].filter(({ ipv6 }) => ipv6 !== null).map(({ name }) => name),
  text(namespace, file) {
    const device = namespace.deviceByName(file);
    if (device === undefined || device.ipv6 === null) return null;
    return `${'ifIndex'.padEnd(32)}\t${device.ifindex}\n${internetLines(device.ipv6.stats, device.ipv6.icmpStats ?? NO_MESSAGES)}`;
  },
};
