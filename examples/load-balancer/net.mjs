// The stack's sockets inside an instance; the host's where this runs as root on a Linux machine.
export const net = process.env.TAPSTACK_INSTANCE === undefined ? await import('node:net') : await import('tapstack/net');
