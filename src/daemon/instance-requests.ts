import { EBUSY, EINVAL, ENOENT } from '../base/errno.js';
import { ClientError } from '../client/client-error.js';
import type { InstanceStatus, NicSpecification, UnsupportedRequest } from '../client/instance-port.js';
import type { BusSession } from './bus-session.js';
import type { ControlRequest, ControlRequests } from './control-requests.js';
import { captureRequests } from './capture-requests.js';
import type { HostedInstance } from './hosted-instance.js';
import type { NicBoard } from './nic-board.js';
import type { Supervisor } from './programs/supervisor.js';
import type { ResidentData } from './resident.js';

export interface InstanceRequestsOptions {
  readonly data: ResidentData;
  readonly instance: HostedInstance;
  readonly nics: NicBoard;
  readonly clients: () => number;
  readonly stop: () => void;
  /** Files by which the namespaces of the instance's programs can be held. */
  readonly marks: (paths: readonly string[]) => void;
  /** A launcher has claimed the instance; what tags of its programs have in common. */
  readonly held: (launcher: number, tags: readonly number[]) => void;
  /** null: programs cannot be captured here. */
  readonly supervisor: Supervisor | null;
  /** Makes an instance inside this one. */
  readonly nest: ControlRequest;
}

/** What `tapstack` asks of a daemon over a control connection. */
export function instanceRequests(options: InstanceRequestsOptions): ControlRequests {
  const { data, instance, nics } = options;
  let holder: BusSession | null = null;
  const hold: ControlRequest = (_argument, session) => {
    if (!data.private) throw new ClientError(EINVAL, `instance "${data.name}" is not a private one`);
    if (holder !== null) throw new ClientError(EBUSY, `instance "${data.name}" belongs to another launcher`);
    holder = session;
    session.onClose.push(options.stop);
    const tags = options.supervisor === null ? [] : [options.supervisor.tags.mark];
    options.held(session.credentials.pid, tags);
    return { tags };
  };
  return new Map<string, ControlRequest>([
    ...captureRequests(options),
    ['status', () => status(options)],
    ['unsupported', () => unsupported(options)],
    ['down', () => options.stop()],
    ['hold', hold],
    ['nest', options.nest],
    ['marks', (argument) => options.marks(strings(argument))],
    ['nic-list', () => nics.list()],
    ['nic-add', (argument) => nics.add(nicSpecification(argument))],
    ['nic-delete', (argument) => nics.delete(string(argument))],
    [
      'namespace',
      (argument) => {
        const name = string(argument);
        const namespace = instance.resolveNamespace(name);
        if (namespace === undefined) throw new ClientError(ENOENT, `there is no namespace "${name}"`);
        return namespace.id;
      },
    ],
  ]);
}

function status({ data, instance, nics, clients }: InstanceRequestsOptions): InstanceStatus {
  const { stack } = instance;
  let devices = 0;
  for (const namespace of stack.namespaces.values()) devices += namespace.devicesByIndex.size;
  return {
    name: data.name,
    pid: process.pid,
    version: data.version,
    uptimeSeconds: Math.floor(process.uptime()),
    clients: clients(),
    namespaces: stack.namespaces.size,
    devices,
    nics: nics.list(),
    socket: data.socket,
    etc: data.etc,
    log: data.log,
  };
}

function unsupported({ supervisor }: InstanceRequestsOptions): UnsupportedRequest[] {
  const requests = [...(supervisor?.unsupported ?? [])].map(([what, count]) => ({ what, count }));
  return requests.sort((a, b) => b.count - a.count || (a.what < b.what ? -1 : 1));
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new ClientError(EINVAL, 'a control request needs a name');
  return value;
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value)) throw new ClientError(EINVAL, 'a control request needs a list of names');
  return value.map(string);
}

function nicSpecification(value: unknown): NicSpecification {
  const { name, mac, tap, netns, module, faults } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    name: string(name),
    ...(mac === undefined ? {} : { mac: string(mac) }),
    ...(tap === undefined ? {} : { tap: string(tap) }),
    ...(netns === undefined ? {} : { netns: string(netns) }),
    ...(module === undefined ? {} : { module: string(module) }),
    ...(faults === undefined ? {} : { faults: string(faults) }),
  };
}
