import type { CallDescriptor } from './call-table.js';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
/** MAP_SHARED, MAP_PRIVATE and MAP_ANONYMOUS. */
const KINDS = 0x23;

/** mmap() of a packet socket: its ring. Only what is mapped shared, to be read and written, can be one. */
export const mapCalls: readonly CallDescriptor[] = [
  {
    name: 'mmap',
    when: {
      allOf: [
        { argument: 2, equals: PROT_READ_WRITE },
        { argument: 3, equals: MAP_SHARED, mask: KINDS },
      ],
    },
    handle(call, supervisor) {
      const socket = supervisor.socketOf(call, call.ints[4]!, false);
      if (socket === undefined) call.proceed();
      else socket.map(call);
    },
  },
];
