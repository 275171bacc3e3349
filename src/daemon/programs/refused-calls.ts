import type { CallDescriptor } from './call-table.js';

/**
 * Calls that captured programs do not have: io_uring makes sockets and connections past the filter, and the flags of clone3() lie in
 * memory where it cannot see them (glibc takes clone() instead).
 */
export const refusedCalls: readonly CallDescriptor[] = [
  { name: 'io_uring_setup', when: 'refused' },
  { name: 'io_uring_enter', when: 'refused' },
  { name: 'io_uring_register', when: 'refused' },
  { name: 'clone3', when: 'refused' },
];
