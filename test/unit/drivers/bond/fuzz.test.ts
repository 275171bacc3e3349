import fc from 'fast-check';
import { newLab } from './lab.js';

const MODES = ['balance-rr', 'active-backup arp_interval 100 arp_ip_target 10.0.0.2 arp_validate all', '802.3ad miimon 100', 'balance-alb'];
const HEADS = [
  '0180c2000002020000000101' + '8809' + '01010114',
  '0180c2000002020000000101' + '8809' + '02010116',
  'ffffffffffff020000000101' + '0806' + '0001080006040002',
  'ffffffffffff020000000101' + '86dd' + '6000000000203aff',
];

test('whatever slaves receive, no bond throws, loses a packet or stops', async () => {
  for (const mode of MODES) {
    const lab = await newLab(2, `mode ${mode}`);
    await lab.run('ip -n far link set p0 up; ip -n far link set p1 up');
    await lab.clock.advance(1000);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...HEADS), fc.uint8Array({ maxLength: 200 }), fc.nat(1), async (head, rest, slave) => {
        lab.inject(lab.device(`eth${slave}`), Uint8Array.from([...Buffer.from(head, 'hex'), ...rest]));
        await lab.clock.advance(120);
      }),
      { numRuns: 150 },
    );
    expect(lab.stack.pool.inUse).toBeLessThan(20);
    await lab.run('ip link del bond0');
    lab.close();
  }
});
