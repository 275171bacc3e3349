import type { CallDescriptor } from './call-table.js';

/** Calls that captured programs do not have: io_uring makes sockets and connections past the filter. */
export const refusedCalls: readonly CallDescriptor[] = [
  { name: 'io_uring_setup', when: 'refused' },
  { name: 'io_uring_enter', when: 'refused' },
  { name: 'io_uring_register', when: 'refused' },
];
