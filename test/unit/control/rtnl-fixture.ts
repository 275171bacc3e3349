import { VirtualClock } from '../../../src/base/clock.js';
import { SeededRandom } from '../../../src/base/random.js';
import { NamespaceNames } from '../../../src/control/namespace-names.js';
import { NetlinkServer } from '../../../src/control/netlink-kernel.js';
import type { Credentials, NetlinkSocket } from '../../../src/control/netlink-socket.js';
import { rtnetlinkModules } from '../../../src/control/rtnl/registry.js';
import { rtnetlink } from '../../../src/control/rtnl/rtnetlink.js';
import { loopbackModule } from '../../../src/drivers/loopback.js';
import { linkKinds } from '../../../src/drivers/registry.js';
import { arpModule } from '../../../src/net/arp/module.js';
import { netifReceive } from '../../../src/net/core/receive.js';
import { Stack } from '../../../src/net/core/stack.js';
import { ipv4Module } from '../../../src/net/ipv4/module.js';
import { Ipv4Routes } from '../../../src/net/ipv4/routes.js';
import { ipv6Module } from '../../../src/net/ipv6/module.js';
import { ndiscModule } from '../../../src/net/ndisc/module.js';
import { netfilterModule } from '../../../src/net/netfilter/module.js';
import { nexthopModule } from '../../../src/net/nexthop/module.js';
import { unixModule } from '../../../src/net/unix/module.js';
import type { AttributeShape, StructCodec, StructValue, ValuesOf } from '../../../src/netlink/attributes.js';
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../../../src/netlink/constants.js';
import { type NetlinkMessage, payloadStart } from '../../../src/netlink/message.js';
import type { MessageSchema, Parsed } from '../../../src/netlink/schema.js';
import { answerOf, build, drain, type ExtendedAck, errnoOf, root } from './netlink-fixture.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** A stack with its drivers, IPv4 and ARP, and rtnetlink over it. */
export function rtnlServer() {
  const modules = [
    nexthopModule,
    ipv4Module((ipv4) => new Ipv4Routes(ipv4)),
    arpModule,
    ipv6Module,
    ndiscModule,
    netfilterModule,
    unixModule,
  ];
  const clock = new VirtualClock();
  const stack = new Stack(
    { clock, random: new SeededRandom(1), modules: [...modules, loopbackModule], linkKinds, debugPool: true },
    netifReceive,
  );
  const server = new NetlinkServer(stack, new NamespaceNames(stack));
  server.register(rtnetlink(server, rtnetlinkModules));
  /** Lets what is under way come to its end. */
  const settle = () => {
    for (let rounds = 0; stack.poll() && rounds < 100; rounds++);
  };
  return {
    server,
    stack,
    clock,
    settle,
    open: (namespace?: string, credentials: Credentials = root) => client(server, namespace, credentials),
  };
}

export interface Client {
  readonly socket: NetlinkSocket;
  /** Sends one request and gives its answers, without the acknowledgement; an error is thrown as an ExtendedAck. */
  request<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    type: number,
    header: Partial<StructValue<F>>,
    attributes: ValuesOf<S>,
    flags?: number,
  ): (Parsed<F, S> & { readonly type: number })[];
  /** What a request fails with. */
  refusal<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    type: number,
    header: Partial<StructValue<F>>,
    attributes: ValuesOf<S>,
    flags?: number,
  ): ExtendedAck | null;
  dump<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    type: number,
    header?: Partial<StructValue<F>>,
    attributes?: ValuesOf<S>,
  ): Parsed<F, S>[];
  join(...groups: number[]): void;
  /** Notifications that wait. */
  heard(): NetlinkMessage[];
}

function client(server: NetlinkServer, namespace: string | undefined, credentials: Credentials): Client {
  const socket = server.open({ protocol: NETLINK_ROUTE, namespace, credentials });
  socket.setOption(NETLINK_EXT_ACK, 1);
  let sequence = 1;
  const send = <F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    type: number,
    header: Partial<StructValue<F>>,
    attributes: ValuesOf<S>,
    flags: number,
  ) => {
    socket.send(build((writer) => schema.build(writer, type, NLM_F_REQUEST | NLM_F_ACK | flags, sequence++, 0, header, attributes)));
    return drain(socket);
  };
  return {
    socket,
    request(schema, type, header, attributes, flags = 0) {
      const messages = send(schema, type, header, attributes, flags);
      const error = messages.find((message) => message.type === NLMSG_ERROR && errnoOf(message) !== 0);
      if (error !== undefined) throw new Error(`refused: ${JSON.stringify(answerOf(error))}`);
      return messages.filter((message) => message.type > NLMSG_DONE).map((message) => ({ type: message.type, ...schema.parse(message) }));
    },
    refusal(schema, type, header, attributes, flags = 0) {
      const error = send(schema, type, header, attributes, flags).find((message) => message.type === NLMSG_ERROR);
      return error === undefined || errnoOf(error) === 0 ? null : answerOf(error);
    },
    dump(schema, type, header = {}, attributes = {}) {
      const messages = send(schema, type, header, attributes, NLM_F_DUMP);
      const done = messages.at(-1);
      if (done?.type !== NLMSG_DONE || errnoOf(done) !== 0)
        throw new Error(`dump failed: ${done === undefined ? 'silence' : done.view.getInt32(payloadStart(done), true)}`);
      return messages.slice(0, -1).map((message) => schema.parse(message));
    },
    join(...groups) {
      for (const group of groups) socket.setOption(NETLINK_ADD_MEMBERSHIP, group);
    },
    heard: () => drain(socket),
  };
}
