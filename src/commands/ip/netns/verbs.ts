import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import type { Cursor } from '../../shared/cursor.js';
import { CommandFailure, failure, fatal, invalidArgument } from '../../shared/failure.js';
import { parseSigned } from '../../shared/numbers.js';
import { RTM_NEWNSID } from '../../../netlink/rtnl/constants.js';
import { nsidMessage } from '../../../netlink/rtnl/nsid.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { complaint, namespaceStore } from './namespace.js';
import { FOLDER } from './store.js';

export function checkName(name: string): void {
  if (name === '' || name.length > 255 || name.includes('/') || name === '.' || name === '..') throw fatal(`Invalid netns name "${name}"`);
}

function nameArgument(cursor: Cursor): string {
  if (cursor.done) throw failure('No netns name specified');
  return cursor.next();
}

export async function listNamespaces(context: IpContext): Promise<number> {
  const { out, namespaces } = context;
  out.openDocument();
  for (const { name, reference } of await namespaces.list()) {
    out.openObject();
    out.field('name', name, name);
    const id = await namespaces.nsidOf(reference);
    if (id >= 0) out.field('id', id, ` (id: ${id})`);
    out.text('\n');
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

export const list: Verb = {
  names: ['list', 'show'],
  hidden: ['lst'],
  summary: 'show the named network namespaces',
  keywords: [],
  run: listNamespaces,
};

export const add: Verb = {
  names: ['add'],
  summary: 'make a network namespace',
  operands: 'NAME',
  keywords: [],
  async run(context, cursor) {
    const name = nameArgument(cursor);
    const store = await namespaceStore(context);
    try {
      await store.add(name);
    } catch (error) {
      throw complaint(`Cannot create namespace file "${FOLDER}/${name}"`, error);
    }
    return 0;
  },
};

export const attach: Verb = {
  names: ['attach'],
  summary: 'give the network namespace of a process a name',
  operands: 'NAME PID',
  keywords: [],
  async run(context, cursor) {
    if (cursor.left < 2) throw failure('No netns name and PID specified');
    const name = cursor.next();
    const pid = cursor.next();
    if (!/^[+-]?\d+$/.test(pid) || Number(pid) === 0) throw failure(`Invalid PID: ${pid}`);
    const store = await namespaceStore(context);
    try {
      await store.attach(name, pid);
    } catch (error) {
      throw complaint(`Cannot create namespace file "${FOLDER}/${name}"`, error);
    }
    return 0;
  },
};

export const remove: Verb = {
  names: ['delete'],
  summary: 'remove the name of a network namespace, or with -all of all; the namespace goes when nothing uses it any more',
  operands: '[ NAME ]',
  completeOperand: 'namespace',
  keywords: [],
  async run(context, cursor) {
    const store = await namespaceStore(context);
    const names = context.options.all ? await store.names() : [nameArgument(cursor)];
    for (const name of names) {
      try {
        await store.remove(name);
      } catch (error) {
        throw complaint(`Cannot remove namespace file "${FOLDER}/${name}"`, error);
      }
    }
    return 0;
  },
};

export const set: Verb = {
  names: ['set'],
  summary: 'give a network namespace an id in this one',
  operands: 'NAME { auto | NETNSID }',
  completeOperand: 'namespace',
  keywords: [],
  async run(context, cursor) {
    const name = nameArgument(cursor);
    if (cursor.done) throw failure('No nsid specified');
    const word = cursor.next();
    const nsid = word === 'auto' ? -1 : parseSigned(word);
    if (nsid === null) throw invalidArgument('Invalid "netnsid" value\n', word);
    if (word !== 'auto' && nsid < 0) throw invalidArgument('"netnsid" value should be >= 0', word);
    const reference = await context.namespaces.reference(name);
    if (reference === undefined) throw failure(`Cannot open network namespace "${name}": No such file or directory`);
    await context.request(nsidMessage, { type: RTM_NEWNSID, attributes: { nsid, fd: reference } });
    return 0;
  },
};

export const identify: Verb = {
  names: ['identify'],
  summary: 'show the name of the network namespace that a process is in',
  operands: '[ PID ]',
  keywords: [],
  async run(context, cursor) {
    const pid = cursor.done ? undefined : cursor.next();
    if (!cursor.done) throw failure('extra arguments specified');
    if (pid !== undefined && !/^\d+$/.test(pid)) throw failure(`Specified string '${pid}' is not a pid`);
    const store = await namespaceStore(context);
    try {
      context.out.text(`${(await store.nameOfProcess(pid)) ?? ''}\n`);
    } catch (error) {
      throw complaint('Cannot open network namespace', error);
    }
    return 0;
  },
};

export const pids: Verb = {
  names: ['pids'],
  summary: 'show the processes that are in a network namespace',
  operands: 'NAME',
  completeOperand: 'namespace',
  keywords: [],
  async run(context, cursor) {
    const name = nameArgument(cursor);
    if (!cursor.done) throw failure('extra arguments specified');
    const store = await namespaceStore(context);
    try {
      for (const pid of await store.processesIn(name)) context.out.text(`${pid}\n`);
    } catch (error) {
      throw complaint('Cannot open network namespace', error);
    }
    return 0;
  },
};

async function execIn(context: IpContext, name: string, argv: readonly string[]): Promise<number> {
  const store = await namespaceStore(context);
  let request: Awaited<ReturnType<typeof store.inside>>;
  try {
    request = await store.inside(name, argv);
  } catch (error) {
    if (error instanceof NetError) throw fatal(`Cannot open network namespace "${name}": ${strerror(error.errno)}`);
    throw error;
  }
  await context.flush();
  try {
    return await context.io.processes.spawn(request);
  } catch (error) {
    throw complaint(`exec of "${argv[0] ?? ''}" failed`, error);
  }
}

export const exec: Verb = {
  names: ['exec'],
  summary: 'run a program in a network namespace, or with -all in all of them one after the other',
  operands: '[ NAME ] COMMAND ...',
  completeOperand: 'namespace',
  keywords: [],
  async run(context, cursor) {
    if (context.options.all) {
      if (cursor.done) throw failure('No command specified');
      const argv = cursor.rest();
      const store = await namespaceStore(context);
      for (const name of await store.names()) {
        context.out.text(`\nnetns: ${name}\n`);
        await execIn(context, name, argv);
      }
      return 0;
    }
    const name = nameArgument(cursor);
    if (cursor.done) throw failure('No command specified');
    const status = await execIn(context, name, cursor.rest());
    if (status !== 0) throw new CommandFailure(status, '');
    return 0;
  },
};

/** How often `ip netns monitor` looks. */
const LOOK_EVERY_US = 100_000;

export const monitor: Verb = {
  names: ['monitor'],
  summary: 'print a line for each namespace that gets or loses a name',
  keywords: [],
  async run(context) {
    const store = await namespaceStore(context);
    const { io, out } = context;
    let known = new Set(await store.names());
    while (!io.signal.aborted) {
      await io.sleepUs(LOOK_EVERY_US, io.signal);
      const now = new Set(await store.names());
      for (const name of now) if (!known.has(name)) out.text(`add ${name}\n`);
      for (const name of known) if (!now.has(name)) out.text(`delete ${name}\n`);
      known = now;
      await context.flush();
    }
    return 0;
  },
};
