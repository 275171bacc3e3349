import { EBADF, EINVAL } from '../../base/errno.js';
import type { Expression } from '../language/ast.js';
import { field, fields, integer, integerOr, isEllipsis, list } from './arguments.js';
import { type Descriptor, FileDescriptor, PipeEnd } from './descriptors.js';
import { EpollDescriptor, type EpollEvent } from './epoll.js';
import { type Attempt, type Call, type CallHandler, done, type Machine } from './machine.js';

const POLLNVAL = 0x20;
const ALWAYS = 0x8 | 0x10 | POLLNVAL;
/** POLLRDNORM is POLLIN by another name, POLLWRNORM is POLLOUT. */
const withNames = (events: number): number => events | ((events & 0x1) !== 0 ? 0x40 : 0) | ((events & 0x4) !== 0 ? 0x100 : 0);

interface PollEntry {
  readonly descriptor: Descriptor | undefined;
  readonly events: number;
  readonly expected: number;
}

/** When a timeout of `ms` ends; negative: never. */
const timeoutUs = (machine: Machine, ms: number): number => (ms < 0 ? Number.POSITIVE_INFINITY : machine.nowUs + ms * 1000);

const poll: CallHandler = ({ machine, args }): Attempt => {
  const entries = list(args[0], 'pollfd').map((item): PollEntry => {
    const entry = fields(item, 'pollfd');
    return {
      descriptor: machine.descriptor(field(entry, 'fd')),
      events: integer(field(entry, 'events'), 'events'),
      expected: integerOr(field(entry, 'revents'), 0, 'revents'),
    };
  });
  const deadlineUs = timeoutUs(machine, integer(args[2], 'timeout') | 0);
  return {
    deadlineUs,
    try() {
      const got = entries.map(({ descriptor, events }) =>
        descriptor === undefined ? POLLNVAL : withNames(descriptor.poll()) & (events | ALWAYS),
      );
      const count = got.filter((events) => events !== 0).length;
      if (count === 0 && machine.nowUs < deadlineUs) return null;
      const wrong = entries.findIndex(({ expected }, i) => expected !== got[i]);
      return {
        value: count,
        problem:
          wrong < 0
            ? null
            : `bad revents[${wrong}]: expected: 0x${entries[wrong]!.expected.toString(16)} vs actual: 0x${got[wrong]!.toString(16)}`,
      };
    },
  };
};

const epollCreate: CallHandler = ({ machine, result }) => {
  const { value, problem } = machine.open(result, new EpollDescriptor());
  return done(value, problem ?? null);
};

/** `{events=..., fd=4}`, or u32, u64, ptr instead of fd. */
function readEvent(expression: Expression | undefined): EpollEvent {
  const all = fields(expression, 'epoll_event');
  const data = field(all, 'fd') ?? field(all, 'u32') ?? field(all, 'u64') ?? field(all, 'ptr');
  return { events: integerOr(field(all, 'events'), 0, 'events') >>> 0, data: integerOr(data, 0, 'data') };
}

const epollCtl: CallHandler = ({ machine, args }) => {
  const epoll = machine.descriptor(args[0]);
  const fd = integer(args[2], 'file descriptor');
  const descriptor = machine.descriptors.get(fd);
  if (epoll === undefined || descriptor === undefined) return done(-EBADF);
  if (!(epoll instanceof EpollDescriptor)) return done(-EINVAL);
  const operation = integer(args[1], 'operation');
  if (operation === 2) return done(epoll.remove(fd));
  const { events, data } = readEvent(args[3]);
  if (operation === 1) return done(epoll.add(fd, descriptor, events, data));
  return operation === 3 ? done(epoll.modify(fd, events, data)) : done(-EINVAL);
};

const epollWait: CallHandler = ({ machine, args }): Attempt => {
  const epoll = machine.descriptor(args[0]);
  if (epoll === undefined) return done(-EBADF);
  if (!(epoll instanceof EpollDescriptor)) return done(-EINVAL);
  const most = integer(args[2], 'maxevents');
  if (most <= 0) return done(-EINVAL);
  const deadlineUs = timeoutUs(machine, integer(args[3], 'timeout') | 0);
  return {
    deadlineUs,
    try() {
      const got = epoll.collect(most);
      if (got.length === 0 && machine.nowUs < deadlineUs) return null;
      return { value: got.length, problem: checkEvents(args[1], got) };
    },
  };
};

function checkEvents(expected: Expression | undefined, got: readonly EpollEvent[]): string | null {
  if (isEllipsis(expected)) return null;
  const wanted = (expected!.kind === 'list' ? list(expected) : [expected]).map(readEvent);
  for (const [i, event] of got.entries()) {
    const like = wanted[i];
    if (like === undefined) return null;
    if (like.events !== event.events)
      return `bad epoll events[${i}]: expected: 0x${like.events.toString(16)} vs actual: 0x${event.events.toString(16)}`;
    if (like.data !== event.data) return `bad epoll data[${i}]: expected: ${like.data} vs actual: ${event.data}`;
  }
  return null;
}

const pipe: CallHandler = ({ machine, args }: Call) => {
  const [reader, writer] = PipeEnd.pair();
  const [first, second] = list(args[0], 'pipe descriptors');
  const outcomes = [machine.open(first!, reader), machine.open(second!, writer)];
  return done(0, outcomes.find(({ problem }) => problem != null)?.problem ?? null);
};

const open: CallHandler = ({ machine, args, result }) => {
  const [path] = args;
  const text = path?.kind === 'string' ? path.text : '';
  const { value, problem } = machine.open(result, new FileDescriptor(machine.readFile(text)));
  return done(value, problem ?? null);
};

export const pollingCalls: readonly (readonly [string, CallHandler])[] = [
  ['poll', poll],
  ['epoll_create', epollCreate],
  ['epoll_create1', epollCreate],
  ['epoll_ctl', epollCtl],
  ['epoll_wait', epollWait],
  ['pipe', pipe],
  ['open', open],
  // Every right is held already, and none is asked for below the sockets.
  ['capset', () => done(0)],
];
