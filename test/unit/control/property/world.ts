import { VirtualClock } from '../../../../src/base/clock.js';
import { EAFNOSUPPORT } from '../../../../src/base/errno.js';
import { SeededRandom } from '../../../../src/base/random.js';
import type { NetlinkSocket } from '../../../../src/control/netlink-socket.js';
import { assembleStack } from '../../../../src/instance/assemble.js';
import {
  AF_BRIDGE,
  AF_INET,
  AF_INET6,
  NETLINK_ROUTE,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../../../../src/netlink/constants.js';
import type { NetlinkMessage } from '../../../../src/netlink/message.js';
import {
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETNETCONF,
  RTM_GETNEXTHOP,
  RTM_GETNSID,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWNEIGH,
} from '../../../../src/netlink/rtnl/constants.js';
import { neighbourMessage } from '../../../../src/netlink/rtnl/neighbour.js';
import { build, drain, errnoOf, root } from '../netlink-fixture.js';
import { INITIAL, OTHER } from './numbers.js';
import type { Operation } from './operations.js';

/** What can be dumped: type and family. */
export const TABLES = {
  links: [RTM_GETLINK, 0],
  ports: [RTM_GETLINK, AF_BRIDGE],
  addresses4: [RTM_GETADDR, AF_INET],
  addresses6: [RTM_GETADDR, AF_INET6],
  routes4: [RTM_GETROUTE, AF_INET],
  routes6: [RTM_GETROUTE, AF_INET6],
  rules4: [RTM_GETRULE, AF_INET],
  rules6: [RTM_GETRULE, AF_INET6],
  neighbours: [RTM_GETNEIGH, 0],
  fdb: [RTM_GETNEIGH, AF_BRIDGE],
  nexthops: [RTM_GETNEXTHOP, 0],
  netconf4: [RTM_GETNETCONF, AF_INET],
  nsids: [RTM_GETNSID, 0],
} as const;
export type Table = keyof typeof TABLES;

/** Of the other namespace only links are made, moved and changed. */
const ELSEWHERE: readonly Table[] = ['links', 'ports', 'addresses6', 'routes6'];

/** One stack of two namespaces, with a socket for requests in each, and one for questions. */
export class World {
  readonly clock = new VirtualClock();
  readonly assembled = assembleStack({ clock: this.clock, random: new SeededRandom(1), debugPool: true });
  readonly #requests: NetlinkSocket;
  readonly #elsewhere: NetlinkSocket;
  readonly #questions: NetlinkSocket;
  readonly #questionsElsewhere: NetlinkSocket;

  constructor() {
    const other = this.assembled.names.create('other');
    if (other.id !== OTHER || this.assembled.stack.initial.id !== INITIAL) throw new Error(`the other namespace is number ${other.id}`);
    this.#elsewhere = this.assembled.netlink.open({ protocol: NETLINK_ROUTE, credentials: root, namespace: 'other' });
    this.#requests = this.assembled.netlink.open({ protocol: NETLINK_ROUTE, credentials: root });
    this.#questions = this.assembled.netlink.open({ protocol: NETLINK_ROUTE, credentials: root });
    this.#questionsElsewhere = this.assembled.netlink.open({ protocol: NETLINK_ROUTE, credentials: root, namespace: 'other' });
  }

  /** The errno of the answer. */
  do({ bytes, elsewhere = false }: Pick<Operation, 'bytes' | 'elsewhere'>): number {
    const socket = elsewhere ? this.#elsewhere : this.#requests;
    socket.send(bytes);
    const answer = drain(socket).find(({ type }) => type === NLMSG_ERROR);
    return answer === undefined ? 0 : errnoOf(answer);
  }

  dump(table: Table, elsewhere = false): NetlinkMessage[] {
    const [type, family] = TABLES[table];
    const socket = elsewhere ? this.#questionsElsewhere : this.#questions;
    socket.send(
      build((writer) => {
        writer.begin(type, NLM_F_REQUEST | NLM_F_DUMP, 7, 0);
        writer.u8(family);
        // As long as the longest header (ifinfomsg).
        writer.zeros(15);
        writer.end();
      }),
    );
    const messages = drain(socket);
    // Rules of a family that has none are refused as Linux does; all others must answer.
    if (messages.at(-1)?.type !== NLMSG_DONE && !(table === 'rules6' && errnoOf(messages.at(-1)!) === EAFNOSUPPORT))
      throw new Error(`the dump of ${table} failed`);
    return messages.filter((message) => message.type !== NLMSG_DONE && message.type !== NLMSG_ERROR);
  }

  /**
   * All that can be seen, as text: equal texts, equal states. Neighbours without a state do not count: Linux makes the entry before
   * it finds that there is no address to put into it (neigh_add()).
   */
  state(): string {
    const shown = (table: Table, elsewhere: boolean) => this.dump(table, elsewhere).filter(counts).map(hexOf).join('\n');
    const here = (Object.keys(TABLES) as Table[]).map((table) => `${table}\n${shown(table, false)}`);
    const there = ELSEWHERE.map((table) => `${table} elsewhere\n${shown(table, true)}`);
    return [...here, ...there].join('\n');
  }

  settle(): void {
    for (let rounds = 0; this.assembled.stack.poll() && rounds < 100; rounds++);
  }

  /** Time passes; what comes due meanwhile is done. */
  wait(seconds: number): void {
    const { stack } = this.assembled;
    const end = this.clock.monotonicUs() + seconds * 1_000_000;
    for (let now = this.clock.monotonicUs(); now < end; now = this.clock.monotonicUs()) {
      this.settle();
      this.clock.moveTo(Math.max(now + 1, Math.min(stack.nextDeadlineUs(), end)));
    }
    this.settle();
  }

  close(): void {
    this.#requests.close();
    this.#elsewhere.close();
    this.#questions.close();
    this.#questionsElsewhere.close();
  }
}

const counts = (message: NetlinkMessage): boolean => message.type !== RTM_NEWNEIGH || neighbourMessage.parse(message).header.state !== 0;

/** A message behind its nlmsghdr, as text. */
export const hexOf = ({ bytes, start, end }: NetlinkMessage): string => Buffer.from(bytes.subarray(start + 16, end)).toString('hex');
