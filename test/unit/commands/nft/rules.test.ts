import { readFileSync } from 'node:fs';
import { createInstance } from '../../../../src/library/index.js';

/**
 * What nft 1.0.6 makes of rules: each line of rules.jsonl has the family, the rule, and the rule as it is listed, or null and the
 * error. Recorded from the real tool.
 */
type Line = readonly [family: string, rule: string, listed: string | null, error?: string];
const lines = readFileSync(new URL('rules.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Line);

const hooks: Readonly<Record<string, readonly string[]>> = {
  arp: ['input filter input 0'],
  bridge: ['input filter input 0'],
  netdev: [],
};
const inetHooks = ['input filter input 0', 'pre nat prerouting -100', 'post nat postrouting 100', 'prefilter filter prerouting -300'];

function chainOf(family: string, rule: string): string {
  if (family === 'netdev') return 'ingress';
  if (hooks[family] !== undefined) return 'input';
  if (/\b(masquerade|snat)\b/.test(rule)) return 'post';
  if (/\b(dnat|redirect)\b/.test(rule)) return 'pre';
  return /\btproxy\b/.test(rule) ? 'prefilter' : 'input';
}

test.each(['ip', 'ip6', 'inet', 'bridge', 'netdev'])('rules of %s are refused, or listed back, as by nft 1.0.6', async (family) => {
  const instance = await createInstance();
  const write = (path: string, text: string) => instance.files.write(path, new TextEncoder().encode(text));
  let setup = `table ${family} t {\n chain reg { }\n`;
  for (const hook of hooks[family] ?? inetHooks) {
    const [name, type, place, priority] = hook.split(' ');
    setup += ` chain ${name} { type ${type} hook ${place} priority ${priority}; }\n`;
  }
  if (family === 'netdev') setup += ' chain ingress { type filter hook ingress device lo priority 0; }\n';
  await write('/setup.nft', `${setup}}\n`);
  await instance.sh('ip link set lo up; nft -f /setup.nft');
  const differences: string[] = [];
  for (const [of, rule, listed, error] of lines) {
    if (of !== family) continue;
    const chain = chainOf(family, rule);
    await write('rule.nft', `add rule ${family} t ${chain} ${rule}\n`);
    const added = await instance.sh(`nft flush table ${family} t; nft -f rule.nft`);
    if (listed === null) {
      if (added.stderr !== error) differences.push(`${rule}\n- ${error}\n+ ${added.stderr}`);
      continue;
    }
    const { stdout } = await instance.sh(`nft -s list chain ${family} t ${chain}`);
    const found = stdout
      .split('\n')
      .filter((line) => line.startsWith('\t\t') && !/^\t\ttype \w+ hook/.test(line))
      .map((line) => line.trim())
      .join(' ');
    if (found !== listed) differences.push(`${rule}\n- ${listed}\n+ ${found}${added.stderr}`);
  }
  instance.close();
  expect(differences).toEqual([]);
});
