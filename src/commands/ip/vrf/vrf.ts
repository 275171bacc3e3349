import { ENOENT, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF, RTM_GETLINK, RTM_NEWLINK } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { vrfData } from '../../../netlink/rtnl/link/vrf.js';
import { VRF_VARIABLE } from '../../../client/vrf-variable.js';
import type { Cursor } from '../../shared/cursor.js';
import { CommandFailure, failure, fatal, invalidArgument } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { vrfByName } from './lookup.js';
import { processesOf, vrfOfProcess } from './processes.js';
import { VRF_USAGE } from './usage.js';

async function show(context: IpContext, cursor: Cursor): Promise<number> {
  if (cursor.done) return listVrfs(context);
  const name = cursor.next();
  if (!cursor.done) throw fatal(VRF_USAGE);
  const vrf = await vrfByName(context, name);
  if (vrf === null) throw failure('Invalid VRF', 255);
  context.out.text(`${name} ${vrf.table}\n`);
  return 0;
}

async function listVrfs(context: IpContext): Promise<number> {
  const { out, options } = context;
  out.openDocument();
  out.text('Name              Table\n-----------------------\n');
  const request = {
    type: RTM_GETLINK,
    header: {},
    attributes: { extMask: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS, linkinfo: { kind: 'vrf' } },
  };
  let any = false;
  for await (const message of context.dump(linkMessage, request)) {
    if (message.type !== RTM_NEWLINK) continue;
    const { attributes } = linkMessage.parse(message);
    const { kind, data } = attributes.linkinfo ?? {};
    const table = kind === 'vrf' ? data?.parse(vrfData).table : undefined;
    if (table === undefined) continue;
    any = true;
    const name = attributes.ifname ?? '';
    out.openObject();
    out.field('name', name, name.padEnd(16));
    out.field('table', table, ` ${String(table).padStart(5)}`);
    out.text('\n');
    out.closeObject();
  }
  if (!any && !options.json) out.text('No VRF has been configured\n');
  out.closeDocument();
  return 0;
}

async function exec(context: IpContext, cursor: Cursor): Promise<number> {
  if (cursor.done) throw failure('No VRF name specified', 255);
  const name = cursor.next();
  if (cursor.done) throw failure('No command specified', 255);
  // "default" is what is no VRF.
  if (name !== 'default' && (await vrfByName(context, name)) === null) throw failure('Invalid VRF name', 255);
  const { target } = await context.env.transport();
  if (target === 'kernel') throw failure('tapstack: "ip vrf exec" is not there for the kernel: it takes a cgroup and a BPF program', 255);
  const argv = cursor.rest();
  await context.flush();
  try {
    const status = await context.io.processes.spawn({ argv, variables: { [VRF_VARIABLE]: name === 'default' ? undefined : name } });
    if (status !== 0) throw new CommandFailure(status, '');
    return 0;
  } catch (error) {
    if (error instanceof NetError) throw fatal(`exec of "${argv[0] ?? ''}" failed: ${strerror(error.errno)}`, 1);
    throw error;
  }
}

async function identify(context: IpContext, cursor: Cursor): Promise<number> {
  const pid = cursor.done ? undefined : cursor.next();
  if (!cursor.done) throw failure('Extra arguments specified', 255);
  if (pid !== undefined && !/^\d+$/.test(pid)) throw invalidArgument('Invalid pid\n', pid);
  try {
    const name = await vrfOfProcess(context, pid);
    if (name !== '') context.out.text(`${name}\n`);
    return 0;
  } catch (error) {
    if (error instanceof NetError) throw failure(`Failed to lookup vrf association: ${strerror(error.errno)}`, 255);
    throw error;
  }
}

async function pids(context: IpContext, cursor: Cursor): Promise<number> {
  if (cursor.done) throw failure('Invalid arguments', 255);
  const name = cursor.next();
  if (!cursor.done) throw failure('Extra arguments specified', 255);
  if (name !== 'default' && (await vrfByName(context, name)) === null) throw failure('Invalid VRF name', 255);
  try {
    for (const process of await processesOf(context, name)) context.out.text(`${String(process.pid).padStart(5)}  ${process.name}\n`);
  } catch (error) {
    // No /proc, as within a program's own instance: there are no processes then.
    if (!(error instanceof NetError) || error.errno !== ENOENT) throw error;
  }
  return 0;
}

const verbs: readonly Verb[] = [
  { names: ['identify'], summary: 'show the VRF that a process is in', operands: '[ PID ]', keywords: [], run: identify },
  { names: ['pids'], summary: 'show the processes in a VRF', operands: 'NAME', completeOperand: 'device', keywords: [], run: pids },
  {
    names: ['exec'],
    summary: 'run a program in a VRF: the sockets that it makes are bound to it',
    operands: 'NAME COMMAND ...',
    completeOperand: 'device',
    keywords: [],
    run: exec,
  },
  {
    names: ['show', 'list'],
    hidden: ['lst'],
    summary: 'show the VRFs and their tables',
    operands: '[ NAME ]',
    completeOperand: 'device',
    keywords: [],
    run: show,
  },
];

/** `ip vrf`: routing domains, and programs in them. */
export const vrfs: IpObject = {
  name: 'vrf',
  summary: 'virtual routing and forwarding',
  usage: VRF_USAGE,
  description: [
    'A VRF is a device of type vrf with a routing table of its own. Devices that are enslaved to it (ip link set DEV master VRF) have their routes in that table, and what comes in by them is routed by it; so networks with the same addresses live side by side.',
    'A socket that is bound to the VRF speaks within it. ip vrf exec runs a program whose sockets are; on the stack the variable TAPSTACK_VRF that it is started with says so, to our own commands and to the daemon that has its sockets.',
  ],
  verbs,
  withoutVerb: show,
  examples: [
    ['ip link add red type vrf table 10', 'a VRF with table 10'],
    ['ip link set eth1 vrf red', 'eth1 is part of it'],
    ['ip vrf exec red ping 10.0.0.2', 'speaks to the 10.0.0.2 of that VRF'],
  ],
};
