import * as icmpv6 from '../../../../src/wire/icmpv6.js';
import { checksum } from '../../../../src/wire/checksum.js';
import * as igmp from '../../../../src/wire/igmp.js';
import * as ipv6 from '../../../../src/wire/ipv6.js';
import { bridgeOf, ipv4Frame, ipv6Frame, reportFrame } from './snooping-support.js';

/** Numbers that look random, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Broken behind the IP header, with a checksum that is right again, so that what follows the check is reached. */
function broken(
  frame: Uint8Array,
  at: number,
  pseudo: (view: DataView, bytes: number) => number,
  random: (below: number) => number,
): Uint8Array {
  const copy = frame.slice();
  for (let n = random(6); n >= 0; n--) copy[at + random(copy.length - at)] = random(256);
  const view = new DataView(copy.buffer);
  view.setUint16(at + 2, 0);
  view.setUint16(at + 2, checksum(view, at, copy.length - at, pseudo(view, copy.length - at)));
  return copy;
}

test('whatever IGMP and MLD messages say, the bridge goes on, and forgets all of it in the end', async () => {
  const instance = await bridgeOf(3, 'mcast_querier 1 mcast_igmp_version 3 mcast_mld_version 2');
  await instance.sh('bridge link set dev p2 fastleave on mcast_to_unicast on');
  const random = randomOf(7);
  const payload = new Uint8Array(68);
  payload[0] = icmpv6.MLD2_REPORT;
  payload[7] = 2;
  const mldReport = ipv6Frame(1, 'ff02::16', 58, payload);
  const mldPseudo = (view: DataView, bytes: number) => ipv6.pseudoHeaderSumAt(view, 14, 58, bytes);
  for (let round = 0; round < 3000; round++) {
    const port = instance.device(`p${1 + random(3)}`);
    const host = 1 + random(3);
    const kind = 1 + random(6);
    const group = `239.1.${random(3)}.${random(8)}`;
    const sources = Array.from({ length: random(5) }, () => `10.0.${random(2)}.${random(9)}`);
    const report = reportFrame(host, kind, group, sources);
    instance.inject(port, random(2) === 0 ? report : broken(report, 34, () => 0, random));
    instance.inject(port, broken(mldReport, 62, mldPseudo, random));
    const query = ipv4Frame(
      host,
      '224.0.0.1',
      igmp.PROTOCOL,
      Uint8Array.of(igmp.QUERY, random(256), 0, 0, 0, 0, 0, 0, random(16), 9, 0, random(3)),
    );
    instance.inject(
      port,
      broken(query, 34, () => 0, random),
    );
    if (round % 50 === 0) await instance.clock.advance(random(3000));
  }
  expect((await instance.sh('bridge -d -s mdb show')).status).toBe(0);
  await instance.clock.advance(600_000);
  expect((await instance.sh('bridge mdb show')).stdout).toBe('');
  expect((await instance.sh('ip -d link show br0')).stdout).toContain('mcast_snooping 1');
  expect((await instance.sh('ip link del br0')).stderr).toBe('');
  await instance.clock.advance(10_000);
  instance.close();
});
