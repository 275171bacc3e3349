import { ENOENT, EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { NETLINK_GENERIC } from '../netlink/constants.js';
import { CTRL_CMD_GETFAMILY, ctrlMessage, GENL_ID_CTRL } from '../netlink/genl/genl.js';
import {
  type CommandNumber,
  TAPSTACK_FAMILY,
  TAPSTACK_VERSION,
  type TapstackAttributes,
  tapstackMessage,
} from '../netlink/genl/tapstack.js';
import { NetlinkClient } from './netlink-client.js';
import type { Transport } from './transport.js';

/** The generic netlink family `tapstack`: namespaces by name, sysctl and the rest of what is not netlink in Linux. */
export class TapstackFamily {
  readonly #client: NetlinkClient;
  readonly #id: number;

  private constructor(client: NetlinkClient, id: number) {
    this.#client = client;
    this.#id = id;
  }

  /** Throws NetError: ENOENT for an unknown namespace, EOPNOTSUPP where the other side is no tapstack. */
  static async open(transport: Transport, namespace?: string): Promise<TapstackFamily> {
    const client = await NetlinkClient.open(transport, { protocol: NETLINK_GENERIC, namespace, strict: false });
    try {
      const answer = await client.get(ctrlMessage, {
        type: GENL_ID_CTRL,
        header: { command: CTRL_CMD_GETFAMILY, version: 2 },
        attributes: { familyName: TAPSTACK_FAMILY },
      });
      const id = answer === null ? undefined : ctrlMessage.parseAttributes(answer).familyId;
      if (id === undefined) throw new NetError(EOPNOTSUPP);
      return new TapstackFamily(client, id);
    } catch (error) {
      client.close();
      throw error instanceof NetError && error.errno === ENOENT ? new NetError(EOPNOTSUPP) : error;
    }
  }

  close(): void {
    this.#client.close();
  }

  /** Throws NetError with the errno of the command. */
  async get(command: CommandNumber, attributes: TapstackAttributes): Promise<TapstackAttributes> {
    const answer = await this.#client.get(tapstackMessage, { type: this.#id, header: { command, version: TAPSTACK_VERSION }, attributes });
    return answer === null ? {} : tapstackMessage.parseAttributes(answer);
  }

  /** For commands that are answered by an ACK alone, or whose answer does not matter. */
  async request(command: CommandNumber, attributes: TapstackAttributes): Promise<void> {
    await this.#client.request(tapstackMessage, { type: this.#id, header: { command, version: TAPSTACK_VERSION }, attributes });
  }

  async *dump(command: CommandNumber, attributes: TapstackAttributes = {}): AsyncGenerator<TapstackAttributes> {
    const dump = this.#client.dump(tapstackMessage, { type: this.#id, header: { command, version: TAPSTACK_VERSION }, attributes });
    for await (const message of dump) yield tapstackMessage.parseAttributes(message);
  }
}
