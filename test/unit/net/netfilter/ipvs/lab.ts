import { once } from 'node:events';
import { createInstance, type TapstackInstance } from '../../../../../src/library/index.js';

/**
 * A director (the initial namespace) between a client (cl, 10.9.0.2, fd09::2) and three servers (rs1-rs3, 10.0.0.11-13, fd00::11-13)
 * on one link, on which the client has a leg as well (10.0.0.50), by which answers can bypass the director.
 */
export async function lab(): Promise<TapstackInstance> {
  const instance = await createInstance({ clock: 'virtual' });
  const lines = [
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0',
    'ip netns add sw; ip -n sw link add hub type bridge; ip -n sw link set hub up',
    'ip link add lan type veth peer name p0 netns sw; ip -n sw link set p0 master hub up',
    'ip addr add 10.0.0.1/24 dev lan; ip -6 addr add fd00::1/64 dev lan nodad; ip link set lan up',
    'ip addr add 10.0.0.100/32 dev lan; ip -6 addr add fd00::100/128 dev lan nodad',
    'ip netns add cl; ip link add out type veth peer name eth0 netns cl',
    'ip addr add 10.9.0.1/24 dev out; ip -6 addr add fd09::1/64 dev out nodad; ip link set out up',
    'ip -n cl addr add 10.9.0.2/24 dev eth0; ip -n cl -6 addr add fd09::2/64 dev eth0 nodad; ip -n cl link set eth0 up',
    'ip -n cl route add default via 10.9.0.1; ip -n cl -6 route add default via fd09::1',
    'ip -n cl link add eth1 type veth peer name pc netns sw; ip -n sw link set pc master hub up',
    'ip -n cl addr add 10.0.0.50/24 dev eth1; ip -n cl link set eth1 up; ip link set lo up',
  ];
  for (const i of [1, 2, 3])
    lines.push(
      `ip netns add rs${i}; ip -n rs${i} link add eth0 type veth peer name p${i} netns sw; ip -n sw link set p${i} master hub up`,
      `ip -n rs${i} addr add 10.0.0.1${i}/24 dev eth0; ip -n rs${i} -6 addr add fd00::1${i}/64 dev eth0 nodad`,
      `ip -n rs${i} link set eth0 up; ip -n rs${i} link set lo up; ip -n rs${i} route add default via 10.0.0.1`,
      `ip -n rs${i} -6 route add default via fd00::1`,
    );
  await say(instance, lines.join('\n'));
  await instance.clock.advance(3000);
  return instance;
}

/** Runs commands that must succeed; what they print. */
export async function say(instance: TapstackInstance, script: string): Promise<string> {
  const { stdout, stderr, status } = await instance.sh(script);
  if (status !== 0 || stderr !== '') throw new Error(`${stderr} (${status})`);
  return stdout;
}

/** Each server says its name to whoever connects. */
export async function serve(instance: TapstackInstance, port: number, host = '0.0.0.0', names = ['rs1', 'rs2', 'rs3']): Promise<void> {
  for (const name of names) {
    const server = instance.netIn(name).createServer((socket) => socket.end(name));
    server.listen(port, host);
    await instance.time.awaiting(once(server, 'listening'));
  }
}

/** Who answers the client there; or the code of the error. */
export function ask(instance: TapstackInstance, host: string, port: number, namespace = 'cl'): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    const socket = instance.netIn(namespace).connect(port, host);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
  return instance.time.awaiting(answer);
}

/** Answers to so many questions. */
export async function askOften(instance: TapstackInstance, host: string, port: number, times: number): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < times; i++) answers.push(await ask(instance, host, port));
  return answers;
}
