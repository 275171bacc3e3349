import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadCommands } from '../../src/library/commands.js';
import type { ConfigOption } from '../../src/packetdrill/config.js';
import { runText } from '../../src/packetdrill/run-file.js';

const option = (name: string, value: string): ConfigOption => ({ name, value, where: '' });

/** The MTU of IPv6 leaves the same MSS. */
const versions = {
  ipv4: [option('ip_version', 'ipv4')],
  'ipv4-mapped-ipv6': [option('ip_version', 'ipv4-mapped-ipv6')],
  ipv6: [option('ip_version', 'ipv6'), option('mtu', '1520')],
};

const scripts = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.pkt'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join(__dirname, name), 'utf8') }))
  // A script that says `--ip_version=...` at its head holds for that one, all others for the three.
  .map((script) => ({ ...script, only: /^--ip_version=(\S+)/m.exec(script.text)?.[1] }));

beforeAll(loadCommands);

describe.each(Object.entries(versions))('%s', (version, options) => {
  test.each(scripts.filter(({ only }) => only === undefined || only === version))('$name', async ({ name, text }) => {
    const output: string[] = [];
    const add = (line: string) => void output.push(line);
    const path = relative(process.cwd(), join(__dirname, name));
    expect((await runText(path, text, options, { print: add, warn: add })) ?? output.join('')).toBe('');
  });
});
