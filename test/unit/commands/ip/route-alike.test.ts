import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;
afterEach(() => instance.close());

const destinations = ['default', '10.1.0.0/16', '10.2.0.0/16', '10.2.3.0/24', '10.9.9.9', '10.20.0.0/14', '192.168.0.0/24'];
const tails = ['via 10.0.0.2 dev d0', 'dev d0 proto static metric 7', 'via 10.0.0.3 dev d0 mtu 1400'];
const destinations6 = ['default', '2001:db8:1::/48', '2001:db8:2::/48', '2001:db8:3::7', '::ffff:0:0/96'];

/** A table with many routes that differ in their destination alone, and some of each tail between them. */
async function manyRoutes() {
  instance = await createInstance();
  await instance.sh(
    'ip link add d0 type dummy; ip link set d0 up; ip addr add 10.0.0.1/24 dev d0; ip addr add 2001:db8::1/64 dev d0 nodad',
  );
  for (const [index, destination] of destinations.entries())
    for (const [metric, tail] of tails.entries())
      if ((index + metric) % 2 === 0) await instance.sh(`ip route append ${destination} ${tail}`);
  await instance.sh(
    'ip route add unreachable 10.77.0.0/16; ip route add unreachable 10.78.0.0/16; ip route add 10.5.0.0/16 dev d0 table 9',
  );
  for (const destination of destinations6) await instance.sh(`ip -6 route add ${destination} via 2001:db8::2 dev d0`);
}

const output = async (line: string) => (await instance.sh(line)).stdout;

/** With "to root 0/0" each route is looked at by itself. */
test.each(['', '-d ', '-o ', '-N -d ', '-c=always ', '-j ', '-j -p ', '-j -d '])(
  'ip %sroute show prints routes that are alike as it prints each by itself',
  async (options) => {
    await manyRoutes();
    for (const selection of ['table all', '', 'dev d0', 'proto static', 'via 10.0.0.2', 'metric 7', 'type unreachable']) {
      const alone = await output(`ip ${options}-4 route show ${selection} root 0/0`);
      expect(await output(`ip ${options}-4 route show ${selection}`)).toBe(alone);
    }
    const alone = await output(`ip ${options}-6 route show root ::/0`);
    expect(await output(`ip ${options}-6 route show`)).toBe(alone);
    expect(alone).toContain('2001:db8:3::7');
  },
);

test('addresses become names with -r, alike or not', async () => {
  await manyRoutes();
  await instance.sh('ip route add 10.9.9.8 via 10.0.0.2 dev d0');
  await instance.files.write('/etc/hosts', new TextEncoder().encode('10.9.9.9 nine\n'));
  expect(await output('ip -r route show')).toContain('nine via 10.0.0.2 dev d0 \n');
});
