import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_ECHO,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_POINTOPOINT,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_SLAVE,
  IFF_UP,
} from '../../../netlink/rtnl/constants.js';
import type { Printer } from '../../shared/printer.js';

/** IFF_* in the order in which they are printed. */
const names: readonly (readonly [mask: number, name: string])[] = [
  [IFF_LOOPBACK, 'LOOPBACK'],
  [IFF_BROADCAST, 'BROADCAST'],
  [IFF_POINTOPOINT, 'POINTOPOINT'],
  [IFF_MULTICAST, 'MULTICAST'],
  [IFF_NOARP, 'NOARP'],
  [IFF_ALLMULTI, 'ALLMULTI'],
  [IFF_PROMISC, 'PROMISC'],
  [IFF_MASTER, 'MASTER'],
  [IFF_SLAVE, 'SLAVE'],
  [IFF_DEBUG, 'DEBUG'],
  [IFF_DYNAMIC, 'DYNAMIC'],
  [IFF_AUTOMEDIA, 'AUTOMEDIA'],
  [IFF_PORTSEL, 'PORTSEL'],
  [IFF_NOTRAILERS, 'NOTRAILERS'],
  [IFF_UP, 'UP'],
  [IFF_LOWER_UP, 'LOWER_UP'],
  [IFF_DORMANT, 'DORMANT'],
  [IFF_ECHO, 'ECHO'],
];

/** `<BROADCAST,MULTICAST,UP>`; up without carrier begins with NO-CARRIER, a lower device that is down ends it with M-DOWN. */
export function printFlags(out: Printer, flags: number, lowerIsDown: boolean): void {
  const words: string[] = [];
  if ((flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0) words.push('NO-CARRIER');
  let left = flags & ~IFF_RUNNING;
  for (const [mask, name] of names) {
    if ((left & mask) === 0) continue;
    left &= ~mask;
    words.push(name);
  }
  if (left !== 0) words.push((left >>> 0).toString(16));
  if (lowerIsDown) words.push('M-DOWN');
  out.openArray('flags', '<');
  for (const [index, word] of words.entries()) out.field(null, word, index === words.length - 1 ? word : `${word},`);
  out.closeArray('> ');
}
