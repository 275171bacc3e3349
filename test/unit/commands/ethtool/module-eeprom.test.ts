import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { plugNic } from '../../../../src/drivers/nic.js';
import { moduleOf } from '../../../../src/drivers/nic/module.js';
import { SinkPort } from '../../../../src/drivers/sink-port.js';
import { fixed } from '../../../../src/commands/ethtool/transceiver/lines.js';
import { copperSfp, modules, opticalSfp, qsfp } from './module-bytes.js';

/** What ethtool 6.1 prints of a module. */
const printed = (name: string) => readFileSync(join(__dirname, 'modules', `${name}.txt`), 'utf8');

describe('ethtool -m', () => {
  let lab: TapstackInstance;

  beforeEach(async () => {
    lab = await createInstance({ clock: 'virtual' });
  });
  afterEach(() => lab.close());

  const plug = (memory: Uint8Array) => {
    const { stack } = lab;
    plugNic(stack, 'eth0', Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56), new SinkPort(stack)).module = moduleOf(memory);
  };

  test.each(Object.keys(modules))('the memory of a module is told by its standard: %s', async (name) => {
    plug(modules[name]!);
    expect(await lab.sh('ethtool -m eth0')).toMatchObject({ stdout: printed(name), stderr: '', status: 0 });
  });

  test('a module of a standard that is not known is shown as bytes', async () => {
    const memory = copperSfp.slice();
    memory[0] = 0x06;
    plug(memory);
    const { stdout } = await lab.sh('ethtool -m eth0');
    expect(stdout).toMatch(/^Offset\t\tValues\n------\t\t------\n0x0000:\t\t06 04 21 /);
    expect(stdout.split('\n')).toHaveLength(2 + 8 + 1);
  });

  test('hex on shows all of it, and raw on gives what a file of --nic module= holds', async () => {
    plug(opticalSfp);
    const { stdout } = await lab.sh('ethtool -m eth0 hex on');
    expect(stdout.split('\n')).toHaveLength(2 + 32 + 1);
    expect(stdout).toContain('\n0x0100:\t\t5a 00 f6 00 55 00 fb 00 90 88 71 48 8c a0 75 30 \n');
    expect((await lab.sh('ethtool -m eth0 hex on offset 0x104 length 2')).stdout).toContain('\n0x0104:\t\t55 00 \n');
  });

  test('a page, or the second address, is read alone', async () => {
    plug(qsfp);
    expect((await lab.sh('ethtool -m eth0 page 3 offset 128 length 4')).stdout).toBe(
      'Offset\t\tValues\n------\t\t------\n0x0080:\t\t5a 00 f6 00 \n',
    );
    expect(await lab.sh('ethtool -m eth0 page 9 offset 128 length 4')).toMatchObject({
      stderr: 'netlink error: Invalid argument\n',
      status: 1,
    });
  });

  test('what reaches over the end of a page is refused, and said why', async () => {
    plug(qsfp);
    for (const [words, offset, text] of [
      ['page 3 offset 4 length 4', 52, 'reading from lower half page is allowed for page 0 only'],
      ['page 0 i2c 0x50 offset 100 length 100', 36, 'reading cross half page boundary is illegal'],
      ['page 3 offset 200 length 100', 36, 'reading cross page boundary is illegal'],
    ] as const)
      expect((await lab.sh(`ethtool -m eth0 ${words}`)).stderr).toContain(`netlink error: ${text} (offset ${offset})\n`);
  });

  test('a device without a cage has no module', async () => {
    await lab.sh('ip link add v0 type veth peer name v1');
    expect(await lab.sh('ethtool -m v0')).toMatchObject({ stderr: 'netlink error: Operation not supported\n', status: 1 });
    expect(await lab.sh('ethtool -m v0 hex on')).toMatchObject({
      stderr: 'Cannot get module EEPROM information: Operation not supported\n',
      status: 1,
    });
  });

  test('numbers are rounded as printf(3) rounds them, ties to the even digit', () => {
    expect([0.125, 0.375, -0.125, 2.675, 1.005].map((value) => fixed(value, 2))).toEqual(['0.12', '0.38', '-0.12', '2.67', '1.00']);
    expect([Number.NEGATIVE_INFINITY, Number.NaN].map((value) => fixed(value, 2))).toEqual(['-inf', '-nan']);
  });

  test('bytes that are no memory of a module are refused', () => {
    expect(() => moduleOf(new Uint8Array(100))).toThrow();
    expect(() => moduleOf(Uint8Array.of(3, ...new Uint8Array(383)))).toThrow();
  });
});
