import { inetDiag, inet6Diag } from './inet/handler.js';
import { netlinkDiag } from './netlink.js';
import { packetDiag } from './packet.js';
import type { DiagHandler } from './sock-diag.js';

/** The address families whose sockets can be looked into; a new one is one file and one line here. */
export const diagHandlers: readonly DiagHandler[] = [inetDiag, inet6Diag, netlinkDiag, packetDiag];
