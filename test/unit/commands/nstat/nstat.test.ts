import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;
beforeEach(async () => {
  instance = await createInstance();
});
afterEach(() => instance.close());

const shown = async (line: string): Promise<string> => {
  const { stdout, stderr, status } = await instance.sh(line);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
};

test('counters are shown by how much they went up since the last call', async () => {
  await shown('nstat -n');
  await shown('ping -c 2 127.0.0.1');
  // As on Linux 6.1.
  expect(await shown('nstat "IpIn*" "IcmpOutEcho*"')).toBe(
    `#kernel
IpInReceives                    4                  0.0
IpInDelivers                    4                  0.0
IcmpOutEchos                    2                  0.0
IcmpOutEchoReps                 2                  0.0
`,
  );
  expect(await shown('nstat "IpIn*"')).toBe('#kernel\n');
  expect(await shown('nstat -as IpInReceives')).toBe('#kernel\nIpInReceives                    4                  0.0\n');
});

test('with -s nothing is remembered, with -r what was is forgotten, with -z zeros are shown', async () => {
  await shown('ping -c 1 127.0.0.1');
  const one = await shown('nstat -s IpInReceives');
  expect(await shown('nstat -s IpInReceives')).toBe(one);
  await shown('nstat -n');
  expect(await shown('nstat -z IpInReceives')).toBe('#kernel\nIpInReceives                    0                  0.0\n');
  expect(await shown('nstat -r IpInReceives')).toBe(one);
});

test('JSON has one object of all counters', async () => {
  await shown('ping -c 1 127.0.0.1');
  expect(await shown('nstat -jas IpInReceives')).toBe('{"kernel":{"IpInReceives":2}}\n');
  expect(await shown('nstat -jpas IpInReceives')).toBe('{\n    "kernel": {\n        "IpInReceives": 2\n    }\n}\n');
});

test('settings among the counters are left out', async () => {
  const all = await shown('nstat -azs');
  for (const name of ['IpForwarding', 'IpDefaultTTL', 'TcpRtoMin', 'TcpCurrEstab']) expect(all).not.toContain(`${name} `);
  expect(all.split('\n')[1]).toMatch(/^IpInReceives /);
  expect(all).toContain('TcpExtTCPHPHits');
});

test('an option that is none is complained of', async () => {
  const { stderr, status } = await instance.sh('nstat -Q');
  expect(stderr.split('\n').slice(0, 2)).toEqual(["nstat: invalid option -- 'Q'", 'Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]']);
  expect(status).toBe(255);
});

test('-t takes a time of more than 0, -d 0 samples nothing, as on Linux', async () => {
  await shown('ping -c 1 127.0.0.1');
  const counters = '#kernel\nIpInReceives                    2                  0.0\n';
  expect(await shown('nstat -t 60 -as IpInReceives')).toBe(counters);
  expect(await shown('nstat -d 0 -as IpInReceives')).toBe(counters);
  for (const time of ['0', 'x', '-1'])
    expect(await instance.sh(`nstat -t ${time}`)).toEqual({ stdout: '', stderr: 'nstat: invalid time constant divisor\n', status: 255 });
  expect((await instance.sh('nstat -d 1')).status).toBe(1);
});
