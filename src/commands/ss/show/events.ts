import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { inetDiagMessage } from '../../../netlink/diag/inet.js';
import {
  SKNLGRP_INET6_TCP_DESTROY,
  SKNLGRP_INET6_UDP_DESTROY,
  SKNLGRP_INET_TCP_DESTROY,
  SKNLGRP_INET_UDP_DESTROY,
} from '../../../netlink/diag/sock-diag.js';
import type { SsContext } from '../context.js';
import { inetProtocols, showInetMessage } from './inet.js';

const TCP = inetProtocols.tcp.protocol;

/** Shows sockets as they end, until it is told to stop. */
export async function showEvents(context: SsContext): Promise<void> {
  const { selection } = context.options;
  const groups: number[] = [];
  for (const [kind, family, group] of [
    ['tcp', AF_INET, SKNLGRP_INET_TCP_DESTROY],
    ['udp', AF_INET, SKNLGRP_INET_UDP_DESTROY],
    ['tcp', AF_INET6, SKNLGRP_INET6_TCP_DESTROY],
    ['udp', AF_INET6, SKNLGRP_INET6_UDP_DESTROY],
  ] as const)
    if (selection.wants(kind) && selection.families.has(family)) groups.push(group);
  const client = await context.openDiag();
  await client.subscribe(groups);
  await context.columns.flush();
  for await (const message of client.notifications(context.io.signal)) {
    const { attributes } = inetDiagMessage.parse(message);
    const { protocol, ports } = attributes.protocol === TCP ? inetProtocols.tcp : inetProtocols.udp;
    await showInetMessage(context, message, protocol, ports);
    await context.columns.flush();
  }
}
