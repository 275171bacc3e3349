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

const make = (source: string, more = '') => run(`conntrack -I -p udp -s ${source} -d 10.0.0.2 --sport 1000 --dport 53 -t 120 ${more}`);
const file = (path: string, text: string) => instance.files.write(path, new TextEncoder().encode(text));

test('without a file of names no label is known, and nothing is deleted', async () => {
  await make('10.0.0.1');
  expect(await run('conntrack -D -l eve')).toContain(
    "nfct_labelmap_new: No such file or directory\nconntrack v1.4.7 (conntrack-tools): unknown label 'eve'",
  );
  expect(await run('conntrack -C')).toBe('1\n0');
});

test('labels are given, asked for, shown and taken away by their names', async () => {
  await file('/etc/xtables/connlabel.conf', '# names\n0\teve\n1 bob\n 7 alice\n127 last\n128 over\nbad\n');
  await make('10.0.0.1');
  await make('10.0.0.4', '--label-add bob');
  const labels = async (line: string) => /labels=(\S+)/.exec(await run(line))?.[1];
  expect(await labels('conntrack -U -s 10.0.0.1 --label-add last,eve')).toBe('eve,last');
  expect(await labels('conntrack -L -l bob')).toBe('bob');
  expect(await run('conntrack -L -l eve,last')).toContain('src=10.0.0.1');
  expect(await run('conntrack -L -l eve,alice')).toContain(' 0 flow entries have been shown');
  expect(await run('conntrack -L -s 10.0.0.1 -o labels,xml')).toContain('<labels><label>eve</label><label>last</label></labels><use>');
  expect(await labels('conntrack -U -s 10.0.0.1 --label-del eve')).toBe('last');
  expect(await run('conntrack -U -s 10.0.0.1 --label-del eve')).toContain(' 0 flow entries have been updated');
  expect(await labels('conntrack -U -s 10.0.0.1 --label-del')).toBeUndefined();
  expect(await run('conntrack -L -l nosuch')).toContain("unknown label 'nosuch'");
  expect(await run('conntrack -U --label-add over')).toContain('Operation failed: Numerical result out of range');
  expect(await run('conntrack -U --label-add eve --label-del bob')).toContain('cannot use --label-add and --label-del at the same time');
  expect(await run('conntrack -F -l eve')).toContain("Illegal option `--label' with this command");
});

test('-R carries out what -o save wrote, and nothing of a file with something wrong in it', async () => {
  await make('10.0.0.1');
  await make('10.0.0.3');
  await run('conntrack -L -o save > /saved; conntrack -F');
  expect(await run('conntrack -R /saved; conntrack -R /saved; conntrack -C')).toBe('2\n0');
  await file('/change', '# one goes\n\n  -D  -s 10.0.0.1\nconntrack -D -s 9.9.9.9\n');
  expect(withoutTimes(await run('conntrack --load-file /change'))).toBe(`${ENTRY}0`);
  await file('/wrong', '-F\n-L\n');
  expect(await run('conntrack -R /wrong')).toContain("Cannot use command `-L' with --load-file");
  await file('/wrong', '-F\ngarbage\n');
  expect(await run('conntrack -R /wrong')).toContain("Cannot use command `unknown' with --load-file");
  expect(await run('conntrack -R /nosuch')).toContain('Failed to open file /nosuch for reading');
  expect(await run('conntrack -C')).toBe('1\n0');
});

test('save stands alone among the outputs', async () => {
  expect(await run('conntrack -L -o labels,save')).toContain('cannot combine save output with any other output type, use -o save only');
});
