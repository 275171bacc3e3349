import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

let instance: TapstackInstance;

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};

beforeEach(async () => {
  instance = await createInstance();
});
afterEach(() => instance.close());

const ENTRY =
  'udp      17 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1000 mark=0 use=1\n';
const withoutTimes = (text: string) => text.replace(/^(udp +17) \d+ /gm, '$1 ');

test('a connection that was made is listed, found by what it is of, and deleted', async () => {
  expect(await run('conntrack -I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1000 --dport 53 -t 120')).toContain(
    '1 flow entries have been created',
  );
  expect(withoutTimes(await run('conntrack -L -s 10.0.0.1'))).toContain(ENTRY);
  expect(await run('conntrack -L -s 10.0.0.9')).toContain(' 0 flow entries have been shown');
  expect(withoutTimes(await run('conntrack -D --dport 53 -p udp'))).toContain(ENTRY);
  expect(await run('conntrack -C')).toBe('0\n0');
});

test('what is asked by labels is refused, and nothing is deleted', async () => {
  await run('conntrack -I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1000 --dport 53 -t 120');
  expect(await run('conntrack -D -l eve')).toContain("unknown label 'eve'");
  expect(await run('conntrack -C')).toBe('1\n0');
});
