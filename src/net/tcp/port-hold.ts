import type { PortUser } from '../core/port-table.js';
import { SocketAddress } from '../core/socket.js';

/**
 * A local port that is held (inet_bind_bucket's owners). The connections accepted by one listener share its hold and a
 * TIME_WAIT entry takes over its socket's, so a port with a hundred thousand connections still has one entry in the port table.
 */
export class PortHold implements PortUser {
  readonly local = new SocketAddress();
  reuseAddress = false;
  reusePort = false;
  boundIfindex = 0;
  uid = 0;
  listening = false;
  timeWait = false;
  ipv6Only = false;
  localPorts = 0;
  /** By bind(), not by connect(). */
  boundByUser = false;
  nextOnPort: PortUser | null = null;
  /** Sockets and TIME_WAIT entries that keep it. */
  references = 1;
}
