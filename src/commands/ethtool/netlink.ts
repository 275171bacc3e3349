import { EOPNOTSUPP, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import type { Transport } from '../../client/transport.js';
import type { ValuesOf } from '../../netlink/attributes.js';
import { NETLINK_GENERIC, NLM_F_ACK } from '../../netlink/constants.js';
import { ETHTOOL_FAMILY, ETHTOOL_MONITOR_GROUP, ETHTOOL_VERSION, Request } from '../../netlink/genl/ethtool/constants.js';
import {
  type EthtoolHeader,
  type EthtoolMessage,
  type EthtoolShape,
  strsetMessage,
  withHeader,
} from '../../netlink/genl/ethtool/messages.js';
import { CTRL_CMD_GETFAMILY, ctrlMessage, GENL_ID_CTRL } from '../../netlink/genl/genl.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import type { EthtoolContext } from './context.js';
import { tracedTransport } from './debug.js';

/** A request that the kernel refused; its text is out already. */
export class Refused extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(strerror(errno));
    this.errno = errno;
  }
}

/** An answer about one device. */
export interface Answered<S extends EthtoolShape> {
  readonly device: string;
  readonly values: ValuesOf<S>;
}

/** A socket of generic netlink that speaks to the family "ethtool", and tells of errors as the real tool does. */
export class EthtoolNetlink {
  readonly #context: EthtoolContext;
  readonly #client: NetlinkClient;
  readonly #type: number;
  readonly #monitorGroup: number;
  readonly #strings = new Map<string, readonly string[]>();
  /** Errors that are not told of: EOPNOTSUPP (suppress_nlerr 1). */
  quietAboutUnsupported = false;

  private constructor(context: EthtoolContext, client: NetlinkClient, type: number, monitorGroup: number) {
    this.#context = context;
    this.#client = client;
    this.#type = type;
    this.#monitorGroup = monitorGroup;
  }

  static async open(context: EthtoolContext, transport: Transport): Promise<EthtoolNetlink> {
    // What a dump says of devices that it left out is no warning.
    const warn = (text: string) => void (context.device === '*' ? undefined : context.io.stderr.write(`netlink warning: ${text}\n`));
    const through = context.flags.debug === 0 ? transport : tracedTransport(transport, context);
    const options = { protocol: NETLINK_GENERIC, strict: false, signal: context.io.signal, onWarning: warn };
    const client = await NetlinkClient.open(through, options);
    try {
      const answer = await client.get(ctrlMessage, {
        type: GENL_ID_CTRL,
        header: { command: CTRL_CMD_GETFAMILY, version: 1 },
        attributes: { familyName: ETHTOOL_FAMILY },
      });
      const { familyId, mcastGroups = [] } = answer === null ? {} : ctrlMessage.parseAttributes(answer);
      if (familyId === undefined) throw new NetError(EOPNOTSUPP);
      return new EthtoolNetlink(context, client, familyId, mcastGroups.find(({ name }) => name === ETHTOOL_MONITOR_GROUP)?.id ?? 0);
    } catch (error) {
      client.close();
      throw error;
    }
  }

  close(): void {
    this.#client.close();
  }

  /** All devices are meant. */
  get isDump(): boolean {
    return this.#context.device === '*';
  }

  /** Asks about the device, or all. Throws Refused. */
  async get<S extends EthtoolShape>(
    schema: EthtoolMessage<S>,
    command: number,
    options: { readonly flags?: number; readonly attributes?: Omit<ValuesOf<S>, 'header'>; readonly device?: string } = {},
  ): Promise<Answered<S>[]> {
    const { flags = 0, device = this.#context.device } = options;
    const header: EthtoolHeader = { ...(device === '*' ? {} : { name: device }), ...(flags === 0 ? {} : { flags }) };
    const request = {
      type: this.#type,
      header: { command, version: ETHTOOL_VERSION },
      attributes: withHeader<S>(options.attributes, header),
    };
    try {
      if (device !== '*') {
        const message = await this.#client.get(schema, request);
        return message === null ? [] : [this.#answered(schema, message)];
      }
      const found: Answered<S>[] = [];
      for await (const message of this.#client.dump(schema, request)) found.push(this.#answered(schema, message));
      return found;
    } catch (error) {
      throw await this.#refused(error);
    }
  }

  /** Asks for a change. Throws Refused. */
  async set<S extends EthtoolShape>(
    schema: EthtoolMessage<S>,
    command: number,
    attributes: Omit<ValuesOf<S>, 'header'>,
    flags = 0,
  ): Promise<NetlinkMessage | null> {
    const header: EthtoolHeader = { name: this.#context.device, ...(flags === 0 ? {} : { flags }) };
    try {
      return await this.#client.get(schema, {
        type: this.#type,
        flags: NLM_F_ACK,
        header: { command, version: ETHTOOL_VERSION },
        attributes: withHeader<S>(attributes, header),
      });
    } catch (error) {
      throw await this.#refused(error);
    }
  }

  /** The names of a string set: of a device, or the same for all. */
  async strings(id: number, device: string | null = null): Promise<readonly string[]> {
    const key = `${id} ${device ?? ''}`;
    const known = this.#strings.get(key);
    if (known !== undefined) return known;
    try {
      const message = await this.#client.get(strsetMessage, {
        type: this.#type,
        header: { command: Request.STRSET_GET, version: ETHTOOL_VERSION },
        attributes: { header: device === null ? {} : { name: device }, stringSets: { sets: [{ id }] } },
      });
      const [set] = message === null ? [] : (strsetMessage.parseAttributes(message).stringSets?.sets ?? []);
      const names: string[] = [];
      for (const { index = 0, value = '' } of set?.strings?.string ?? []) names[index] = value;
      this.#strings.set(key, names);
      return names;
    } catch (error) {
      throw await this.#refused(error);
    }
  }

  /** Changes as they are told, with their genlmsghdr.cmd, until the command is to end. */
  async *notifications(): AsyncGenerator<NetlinkMessage> {
    await this.#client.subscribe([this.#monitorGroup]);
    for await (const message of this.#client.notifications(this.#context.io.signal)) if (message.type === this.#type) yield message;
  }

  /** Reads a message by a schema. */
  read<S extends EthtoolShape>(schema: EthtoolMessage<S>, message: NetlinkMessage): Answered<S> {
    return this.#answered(schema, message);
  }

  #answered<S extends EthtoolShape>(schema: EthtoolMessage<S>, message: NetlinkMessage): Answered<S> {
    const values = schema.parseAttributes(message);
    return { device: (values as { header?: EthtoolHeader }).header?.name ?? '', values };
  }

  // Linux: nlsock_process_ack()
  async #refused(error: unknown): Promise<unknown> {
    if (!(error instanceof NetError) || error.code === 'ECONNRESET' || error.code === 'EINTR') return error;
    if (!(this.quietAboutUnsupported && error.errno === EOPNOTSUPP)) {
      if (error.extack !== undefined)
        await this.#context.complain(`netlink error: ${error.extack}${error.offset === undefined ? '' : ` (offset ${error.offset})`}`);
      await this.#context.complain(`netlink error: ${strerror(error.errno)}`);
    }
    return new Refused(error.errno);
  }
}
