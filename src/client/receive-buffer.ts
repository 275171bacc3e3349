import { EPERM } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { NetlinkConnection } from './transport.js';

/** Asks for a receive buffer of `bytes`; who has no rights keeps the one that everybody has. */
export async function enlargeReceiveBuffer(connection: NetlinkConnection, bytes: number): Promise<void> {
  try {
    await connection.setReceiveBuffer(bytes);
  } catch (error) {
    if (!(error instanceof NetError) || error.errno !== EPERM) throw error;
  }
}
