import { EINVAL, ENODEV, EOPNOTSUPP } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import type { ValuesOf } from '../../../netlink/attributes.js';
import { NETLINK_GENERIC, NLA_HDRLEN, NLM_F_MULTI } from '../../../netlink/constants.js';
import { ETHTOOL_FAMILY, ETHTOOL_FLAG_COMPACT_BITSETS, ETHTOOL_VERSION } from '../../../netlink/genl/ethtool/constants.js';
import { type EthtoolHeader, type EthtoolMessage, type EthtoolShape, withHeader } from '../../../netlink/genl/ethtool/messages.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { dumpOrder } from '../../rtnl/link/get.js';
import type { GenlCommand, RegisteredFamily } from '../generic-netlink.js';

/** What is asked of one device. */
export interface EthtoolChange<S extends EthtoolShape> {
  readonly attributes: ValuesOf<S>;
  /** ETHTOOL_FLAG_* of its header. */
  readonly flags: number;
  /** Where an attribute lies in the message, for extended ACKs. */
  offsetOf(key: keyof S & string): number | undefined;
  /** What it came in; an ioctl() has none. */
  readonly request?: NetlinkRequest;
}

/** A request about one device, read. */
export interface EthtoolRequest<S extends EthtoolShape> extends EthtoolChange<S> {
  readonly request: NetlinkRequest;
}

/** Whether a reader wants bitsets compact. */
export const compact = (flags: number) => (flags & ETHTOOL_FLAG_COMPACT_BITSETS) !== 0;

/**
 * One thing that ethtool tells of devices, with the messages that ask for it, change it and tell that it has changed
 * (struct ethnl_request_ops). Its errors are NetErrors.
 */
export interface EthtoolObject<S extends EthtoolShape> {
  readonly schema: EthtoolMessage<S>;
  readonly get: number;
  readonly reply: number;
  /** The attributes of an answer but its header, which `flags` of the request shape. Throws EOPNOTSUPP where a device has none. */
  describe(device: NetDevice, flags: number, attributes: ValuesOf<S> | null): Omit<ValuesOf<S>, 'header'>;
  /** Refuses a request that asks for what no device can have (parse_request). */
  parse?(read: EthtoolRequest<S>): void;
  /** What it tells is not for everybody (GENL_UNS_ADMIN_PERM). */
  readonly admin?: boolean;
  /** What a request asks of no device is not asked of all by a dump. */
  readonly noDump?: boolean;
  readonly set?: {
    readonly command: number;
    /** True: something has changed, which `notification` tells. */
    apply(device: NetDevice, change: EthtoolChange<S>): boolean;
    readonly notification?: number;
  };
}

const replyHeader = (device: NetDevice): EthtoolHeader => ({ index: device.ifindex, name: device.name });
const version = ETHTOOL_VERSION;

/** Reads a request. Linux: ethnl_default_parse() */
export function readRequest<S extends EthtoolShape>(request: NetlinkRequest, schema: EthtoolMessage<S>): EthtoolRequest<S> {
  const { attributes } = schema.parse(request.message, true);
  const header = (attributes as { header?: EthtoolHeader }).header;
  return {
    request,
    attributes,
    flags: header?.flags ?? 0,
    offsetOf: (key) => schema.offsetOf(request.message, key),
  };
}

/** The device that a request names; null: it names none. Linux: ethnl_parse_header_dev_get() */
export function deviceOf<S extends EthtoolShape>({ request, attributes, offsetOf }: EthtoolRequest<S>): NetDevice | null {
  const header = (attributes as { header?: EthtoolHeader }).header ?? fail(EINVAL, 'request header missing');
  const { index, name } = header;
  const first = (offsetOf('header') ?? 0) + NLA_HDRLEN;
  const { namespace } = request;
  if (index !== undefined) {
    const device = namespace.devicesByIndex.get(index) ?? fail(ENODEV, 'no device matches ifindex', first);
    if (name !== undefined && device.name !== name && !device.altNames.includes(name)) fail(ENODEV, 'ifindex and name do not match');
    return device;
  }
  if (name === undefined) return null;
  return namespace.deviceByName(name) ?? fail(ENODEV, 'no device matches name', first);
}

const neededDevice = <S extends EthtoolShape>(read: EthtoolRequest<S>): NetDevice =>
  deviceOf(read) ?? fail(EINVAL, 'neither ifindex nor name specified', read.offsetOf('header'));

/** Tells the group "monitor". Linux: ethnl_default_notify() */
export class Monitor {
  readonly #server: NetlinkServer;
  readonly #registered: readonly RegisteredFamily[];
  #sequence = 0;

  constructor(server: NetlinkServer, registered: readonly RegisteredFamily[]) {
    this.#server = server;
    this.#registered = registered;
  }

  notify<S extends EthtoolShape>(device: NetDevice, object: EthtoolObject<S>, command: number): void {
    const family = this.#registered.find((entry) => entry.family.name === ETHTOOL_FAMILY);
    if (family === undefined) return;
    const { namespace } = device;
    if (!this.#server.hasListeners(NETLINK_GENERIC, namespace, family.firstGroup)) return;
    const described = withHeader<S>(object.describe(device, ETHTOOL_FLAG_COMPACT_BITSETS, null), replyHeader(device));
    this.#server.notify({ protocol: NETLINK_GENERIC, namespace, group: family.firstGroup }, (writer) => {
      object.schema.build(writer, family.id, 0, ++this.#sequence >>> 0, 0, { command, version }, described);
    });
  }
}

/** The commands of the family for one object. */
export function commandsOf<S extends EthtoolShape>(object: EthtoolObject<S>, monitor: Monitor): GenlCommand[] {
  const { schema, set } = object;
  const reply = { command: object.reply, version };
  const commands: GenlCommand[] = [
    {
      command: object.get,
      ...(object.admin === true ? { admin: true } : {}),
      handle(request) {
        const read = readRequest(request, schema);
        const device = neededDevice(read);
        object.parse?.(read);
        const described = withHeader<S>(object.describe(device, read.flags, read.attributes), replyHeader(device));
        request.answer(schema, reply, described);
      },
      ...(object.noDump === true
        ? {}
        : {
            dump(request: NetlinkRequest) {
              const read = readRequest(request, schema);
              // A dump is of all; its header says only how (ethnl_default_start()).
              if ((read.attributes as { header?: EthtoolHeader }).header === undefined) fail(EINVAL, 'request header missing');
              object.parse?.(read);
              return {
                *messages(writer) {
                  for (const device of dumpOrder(request.namespace)) {
                    if (!device.registered || device.namespace !== request.namespace) continue;
                    const described = describeOrSkip(object, device, read);
                    if (described === null) continue;
                    const values = withHeader<S>(described, replyHeader(device));
                    const { type, sequence } = request.message;
                    schema.build(writer, type, NLM_F_MULTI, sequence, request.socket.portId, reply, values);
                    yield;
                  }
                },
              };
            },
          }),
    },
  ];
  if (set !== undefined)
    commands.push({
      command: set.command,
      admin: true,
      handle(request) {
        const read = readRequest(request, schema);
        const device = neededDevice(read);
        if (set.apply(device, read) && set.notification !== undefined) monitor.notify(device, object, set.notification);
      },
    });
  return commands;
}

/** A dump leaves out the devices that have none of it. */
function describeOrSkip<S extends EthtoolShape>(object: EthtoolObject<S>, device: NetDevice, read: EthtoolRequest<S>) {
  try {
    return object.describe(device, read.flags, read.attributes);
  } catch (error) {
    if (error instanceof NetError && error.errno === EOPNOTSUPP) return null;
    throw error;
  }
}

export const unsupported = (text?: string, offset?: number): never => fail(EOPNOTSUPP, text, offset);
