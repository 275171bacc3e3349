import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadCommands } from '../../src/library/commands.js';
import type { ConfigOption } from '../../src/packetdrill/config.js';
import { runText } from '../../src/packetdrill/run-file.js';

const root = join(__dirname);

const scripts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.pkt'))
  .sort();

const option = (name: string, value: string): ConfigOption => ({ name, value, where: '' });

/** A script says what it is for: `--ip_version=...` at its head, else it holds for all three. The MTU leaves the same MSS. */
const versions = {
  ipv4: [option('ip_version', 'ipv4')],
  'ipv4-mapped-ipv6': [option('ip_version', 'ipv4-mapped-ipv6')],
  ipv6: [option('ip_version', 'ipv6'), option('mtu', '1520')],
};

beforeAll(loadCommands);

describe.each(Object.entries(versions))('%s', (version, options) => {
  test.each(scripts)('%s', async (name) => {
    const path = join(root, name);
    const text = readFileSync(path, 'utf8');
    const only = /^--ip_version=(\S+)/m.exec(text)?.[1];
    if (only !== undefined && only !== version) return;
    const output: string[] = [];
    const add = (line: string) => void output.push(line);
    expect((await runText(relative(process.cwd(), path), text, options, { print: add, warn: add })) ?? output.join('')).toBe('');
  });
});
