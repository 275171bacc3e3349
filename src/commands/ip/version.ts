import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';

/** What `ip -V` prints: the iproute2 that we are like, and ours behind. */
export const VERSION_TEXT = `ip utility, iproute2-6.1.0, libbpf 1.1.2, ${TAPSTACK_VERSION_TEXT}`;
