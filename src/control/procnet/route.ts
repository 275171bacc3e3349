import type { FibRoute } from '../../net/ipv4/fib/fib.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import {
  RT_TABLE_MAIN,
  RTAX_ADVMSS,
  RTAX_RTT,
  RTAX_WINDOW,
  RTN_BROADCAST,
  RTN_MULTICAST,
  RTN_PROHIBIT,
  RTN_UNREACHABLE,
} from '../../netlink/rtnl/constants.js';
import { ipv4Mask } from '../../wire/ipv4-address.js';
import type { ProcNetView } from './view.js';

// linux/route.h
const RTF_UP = 0x0001;
const RTF_GATEWAY = 0x0002;
const RTF_HOST = 0x0004;
const RTF_REJECT = 0x0200;

/** Lines are filled with spaces up to here. */
const WIDTH = 127;
const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';

/** /proc/net/route: the table `main`. Linux: fib_route_seq_show() */
export const route: ProcNetView = {
  path: 'route',
  text(namespace) {
    const { fib } = ipv4Routes(namespace);
    const table = fib.table(RT_TABLE_MAIN);
    let text = `${HEAD.padEnd(WIDTH)}\n`;
    if (table === null) return text;
    fib.walk(table, (entry) => {
      if (entry.type !== RTN_BROADCAST && entry.type !== RTN_MULTICAST) text += `${line(entry).padEnd(WIDTH)}\n`;
      return true;
    });
    return text;
  },
};

function line({ type, destination, prefixLength, info }: FibRoute): string {
  const hop = info.nexthops[0];
  const mask = ipv4Mask(prefixLength);
  let flags = RTF_UP;
  if (type === RTN_UNREACHABLE || type === RTN_PROHIBIT) flags |= RTF_REJECT;
  if (hop?.hasGateway === true) flags |= RTF_GATEWAY;
  if (prefixLength === 32) flags |= RTF_HOST;
  const device = hop?.device ?? null;
  if (hop === undefined || device === null) return ['*', word(destination), word(0), hex4(flags), 0, 0, 0, word(mask), 0, 0, 0].join('\t');
  const metric = (index: number) => info.metrics?.[index] ?? 0;
  const advmss = metric(RTAX_ADVMSS);
  return [
    device.name,
    word(destination),
    word(hop.gateway),
    hex4(flags),
    0,
    0,
    info.priority,
    word(mask),
    advmss === 0 ? 0 : advmss + 40,
    metric(RTAX_WINDOW),
    metric(RTAX_RTT) >>> 3,
  ].join('\t');
}

/** An address as the bytes in memory read on a little-endian machine. */
const word = (value: number) =>
  (((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0).toString(16).toUpperCase().padStart(8, '0');
const hex4 = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
