import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { BondDevice } from '../../../../src/drivers/bond/device.js';

/** IPv6 would speak by itself. */
const NO_IPV6 = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1';

export interface Lab extends TapstackInstance {
  /** Runs a script that must succeed; gives its output. */
  run(script: string): Promise<string>;
  /** What a script that must fail says on stderr. */
  refusal(script: string): Promise<string>;
  bond(name?: string): BondDevice;
  /** What `ip -j -d link show DEVICE` says of its kind. */
  details(device: string): Promise<Record<string, unknown>>;
  /** And of what it is to its bond. */
  slave(device: string): Promise<Record<string, unknown>>;
  pings(to: string, from?: string): Promise<boolean>;
}

/**
 * The initial namespace has `slaves` cables eth0.. (02:00:00:00:00:01..) to ports p0.. of the namespace `far`. `bond`: words behind
 * `type bond` of bond0, to which they are enslaved, and which is up with 10.0.0.1/24.
 */
export async function newLab(slaves = 2, bond = '', options: { readonly ipv6?: boolean } = {}): Promise<Lab> {
  const instance = await createInstance({ debugPool: true });
  const run = async (script: string): Promise<string> => {
    const { stdout, stderr } = await instance.sh(script);
    expect(stderr).toBe('');
    return stdout;
  };
  const info = async (device: string, key: string): Promise<Record<string, unknown>> => {
    const [link] = JSON.parse(await run(`ip -j -d link show dev ${device}`)) as { linkinfo: Record<string, Record<string, unknown>> }[];
    return link!.linkinfo[key]!;
  };
  const lab = Object.assign(instance, {
    run,
    refusal: async (script: string) => {
      const { stderr, status } = await instance.sh(script);
      expect(status).not.toBe(0);
      return stderr;
    },
    bond: (name = 'bond0') => {
      const device = instance.device(name);
      if (!(device instanceof BondDevice)) throw new Error(`${name} is no bond`);
      return device;
    },
    details: (device: string) => info(device, 'info_data'),
    slave: (device: string) => info(device, 'info_slave_data'),
    pings: async (to: string, from?: string) =>
      (await instance.sh(`${from === undefined ? '' : `ip netns exec ${from} `}ping -c1 -W1 ${to}`)).status === 0,
  });
  if (options.ipv6 !== true) await run(NO_IPV6);
  await run('ip netns add far');
  if (options.ipv6 !== true) await run(`ip netns exec far ${NO_IPV6}`);
  for (let n = 0; n < slaves; n++)
    await run(`ip link add eth${n} address 02:00:00:00:00:0${n + 1} type veth peer name p${n} netns far address 02:00:00:00:01:0${n + 1}`);
  if (bond === '') return lab;
  await run(`ip link add bond0 type bond ${bond}`);
  for (let n = 0; n < slaves; n++) await run(`ip link set eth${n} master bond0`);
  await run('ip address add 10.0.0.1/24 dev bond0; ip link set bond0 up');
  return lab;
}

/** A switch in `far`: its ports are the far ends, and it has 10.0.0.2. */
export async function withSwitch(lab: Lab, slaves = 2): Promise<void> {
  await lab.run('ip -n far link add sw address 02:00:00:00:01:99 type bridge; ip -n far link set sw up');
  for (let n = 0; n < slaves; n++) await lab.run(`ip -n far link set p${n} up master sw`);
  await lab.run('ip -n far address add 10.0.0.2/24 dev sw');
  await lab.clock.advance(1000);
}

/** A bond at the far end: bond0 of `far` with 10.0.0.2. */
export async function withFarBond(lab: Lab, bond: string, slaves = 2): Promise<void> {
  await lab.run(`ip -n far link add bond0 type bond ${bond}`);
  for (let n = 0; n < slaves; n++) await lab.run(`ip -n far link set p${n} master bond0`);
  await lab.run('ip -n far address add 10.0.0.2/24 dev bond0; ip -n far link set bond0 up');
  await lab.clock.advance(8000);
}

/** Frames of an EtherType that left by a device. */
export const sent = (capture: { readonly frames: readonly { bytes: Uint8Array; outgoing: boolean }[] }, type: number): Uint8Array[] =>
  capture.frames.filter(({ bytes, outgoing }) => outgoing && ((bytes[12]! << 8) | bytes[13]!) === type).map(({ bytes }) => bytes);

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
