import { ENODEV, EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { NetlinkClient } from '../../client/netlink-client.js';
import { AF_UNSPEC } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { IFNAMSIZ, RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF, RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { linkAttributes, linkMessage } from '../../netlink/rtnl/link/link.js';
import { attributes as table } from '../../netlink/attributes.js';
import { sourceOf } from '../../netlink/schema.js';

interface KnownLink {
  readonly index: number;
  readonly name: string;
  readonly alternatives: readonly string[];
  readonly flags: number;
  readonly type: number;
  readonly txQueueLength: number | undefined;
  /** Bytes of its link layer address; undefined when it has none. */
  readonly addressLength: number | undefined;
}

const { ifname, txqlen, address, propList } = linkAttributes.shape;
/** Of a link's many attributes those that are kept: a list of ten thousand is not read twice. */
const remembered = table('IFLA', { ifname, txqlen, address, propList });

/** Names, flags and types of devices by index: asked for once, then kept up to date by what is seen. */
export class LinkCache {
  readonly #client: () => Promise<NetlinkClient>;
  readonly #byIndex = new Map<number, KnownLink>();
  /** By name and alternative names. */
  readonly #byName = new Map<string, KnownLink>();
  #complete = false;

  constructor(client: () => Promise<NetlinkClient>) {
    this.#client = client;
  }

  /** Reads all devices, unless it was done. */
  async load(): Promise<void> {
    if (this.#complete) return;
    this.#complete = true;
    const client = await this.#client();
    const request = {
      type: RTM_GETLINK,
      header: { family: AF_UNSPEC },
      attributes: { extMask: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS },
    };
    for await (const message of client.dump(linkMessage, request)) this.remember(message);
  }

  /** All devices have been remembered one by one. */
  markComplete(): void {
    this.#complete = true;
  }

  /** Devices may have changed: the next load() reads again. */
  reset(): void {
    this.#complete = false;
    this.#byIndex.clear();
    this.#byName.clear();
  }

  remember(message: NetlinkMessage): void {
    const header = linkMessage.readHeader(message);
    const attributes = remembered.parse(sourceOf(message, false), linkMessage.attributesStart(message), message.end);
    this.forget(header.index);
    const link: KnownLink = {
      index: header.index,
      name: attributes.ifname ?? `if${header.index}`,
      alternatives: attributes.propList ?? [],
      flags: header.flags,
      type: header.type,
      txQueueLength: attributes.txqlen,
      addressLength: attributes.address?.length,
    };
    this.#byIndex.set(link.index, link);
    for (const name of [...link.alternatives, link.name]) this.#byName.set(name, link);
  }

  forget(index: number): void {
    const link = this.#byIndex.get(index);
    if (link === undefined) return;
    this.#byIndex.delete(index);
    for (const name of [link.name, ...link.alternatives]) if (this.#byName.get(name) === link) this.#byName.delete(name);
  }

  /** The index of a device that was asked for before; undefined: it was not. */
  known(name: string): number | undefined {
    return this.#byName.get(name)?.index;
  }

  /** Makes sure that the device's name is known, if it exists: for notifications about devices not seen before. */
  async learn(index: number): Promise<void> {
    if (index <= 0 || this.#byIndex.has(index)) return;
    await this.#ask({ header: { index } });
  }

  has(index: number): boolean {
    return this.#byIndex.has(index);
  }

  /** "*" for index 0, "if7" for a device that is not known. */
  nameOf(index: number): string {
    return index === 0 ? '*' : (this.#byIndex.get(index)?.name ?? `if${index}`);
  }

  flagsOf(index: number): number {
    return this.#byIndex.get(index)?.flags ?? 0;
  }

  /** Undefined where nothing was said of it. */
  txQueueLengthOf(index: number): number | undefined {
    return this.#byIndex.get(index)?.txQueueLength;
  }

  typeOf(index: number): number {
    return this.#byIndex.get(index)?.type ?? -1;
  }

  /** Bytes of the device's link layer address; undefined for a device that is not there or has none. */
  async addressLengthOf(name: string): Promise<number | undefined> {
    const index = await this.indexOf(name);
    return this.#byIndex.get(index)?.addressLength;
  }

  /** The index of the device with that name or alternative name; "if7" is 7 where nothing has it. 0: there is none. */
  async indexOf(name: string): Promise<number> {
    const known = this.known(name);
    if (known !== undefined) return known;
    if (!this.#complete) {
      const index = await this.#ask({ attributes: name.length < IFNAMSIZ ? { ifname: name } : { altIfname: name } });
      if (index !== 0) return index;
      const alternative = name.length < IFNAMSIZ ? await this.#ask({ attributes: { altIfname: name } }) : 0;
      if (alternative !== 0) return alternative;
    }
    const numbered = /^if(\d+)$/.exec(name);
    return numbered === null ? 0 : Number(numbered[1]);
  }

  async #ask(request: { header?: { index: number }; attributes?: { ifname?: string; altIfname?: string } }): Promise<number> {
    const client = await this.#client();
    try {
      const answer = await client.get(linkMessage, {
        type: RTM_GETLINK,
        header: request.header ?? {},
        attributes: { ...request.attributes, extMask: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS },
      });
      if (answer === null) return 0;
      this.remember(answer);
      return linkMessage.readHeader(answer).index;
    } catch (error) {
      // EINVAL: kernels before 5.5 do not know alternative names.
      if (error instanceof NetError && (error.errno === ENODEV || error.errno === EINVAL)) return 0;
      // A name that is too long fails the attribute's policy.
      if (error instanceof NetError && request.attributes !== undefined) return 0;
      throw error;
    }
  }
}
