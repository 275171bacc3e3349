import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  return `${stdout}${stderr}${status}`;
};
const file = (path: string, text: string) => instance.files.write(path, new TextEncoder().encode(text));

beforeEach(async () => {
  instance = await createInstance();
});
afterEach(() => instance.close());

const TABLE = `table ip a {
	chain c {
		type filter hook input priority filter; policy accept;
		tcp dport 22 accept
	}
}
`;

test('what a list prints is read again, in text and in JSON', async () => {
  await file('/rules.nft', TABLE);
  expect(await run('nft -f /rules.nft')).toBe('0');
  expect(await run('nft list ruleset')).toBe(`${TABLE}0`);
  await run('nft -j list ruleset > /rules.json; nft flush ruleset');
  expect(await run('nft list ruleset')).toBe('0');
  expect(await run('nft -j -f /rules.json')).toBe('0');
  expect(await run('nft list ruleset')).toBe(`${TABLE}0`);
});

test('an included file stands on lines of its own, whatever comes behind it', async () => {
  await file('/rules.nft', TABLE);
  await file('/all.nft', 'include "/rules.nft"\nadd rule ip a c udp dport 53 accept\n');
  expect(await run('nft -f /all.nft')).toBe('0');
  expect(await run('nft list chain ip a c')).toContain('\t\ttcp dport 22 accept\n\t\tudp dport 53 accept\n');
});

test('a pattern includes its files in their order, a block what belongs into it, an unknown file is an error', async () => {
  await file('/d/2.nft', 'add table ip d2');
  await file('/d/1.nft', 'add table ip d1\n');
  await file('/rule.nft', 'tcp dport 1 accept\ncounter drop');
  await file('/all.nft', 'include "/d/*.nft"\ntable ip y {\n chain c {\n include "/rule.nft"\n }\n}\n');
  expect(await run('nft -f /all.nft; nft list tables')).toBe('table ip d1\ntable ip d2\ntable ip y\n0');
  expect(await run('nft list chain ip y c')).toContain('tcp dport 1 accept\n\t\tcounter packets 0 bytes 0 drop\n');
  await file('/all.nft', 'include "/nosuch.nft"\n');
  expect(await run('nft -f /all.nft')).toBe(
    '/all.nft:1:1-22: Error: File not found: /nosuch.nft\ninclude "/nosuch.nft"\n^^^^^^^^^^^^^^^^^^^^^^\n1',
  );
});

test('a list beside changes shows the tables, chains and sets that come, but not yet their rules', async () => {
  expect(await run("nft 'add table ip m; add chain ip m c; add rule ip m c accept; list table ip m'")).toBe(
    'table ip m {\n\tchain c {\n\t}\n}\n0',
  );
  expect(await run("nft 'delete table ip m; add table ip m; list table ip m'")).toBe('table ip m {\n}\n0');
});

test('JSON: a handle says before which rule one is inserted; of an added one it says nothing', async () => {
  await run("nft 'add table ip a; add chain ip a c; add rule ip a c accept; add rule ip a c drop'");
  const json = (verb: string, statement: string) =>
    `{"nftables":[{"${verb}":{"rule":{"family":"ip","table":"a","chain":"c","handle":3,"expr":[{"${statement}":null}]}}}]}`;
  await file('/insert.json', json('insert', 'counter'));
  await file('/add.json', json('add', 'notrack'));
  expect(await run('nft -j -f /insert.json; nft -j -f /add.json; nft -a list chain ip a c')).toBe(
    'table ip a {\n\tchain c { # handle 1\n\t\taccept # handle 2\n\t\tcounter packets 0 bytes 0 # handle 4\n\t\tdrop # handle 3\n\t\tnotrack # handle 7\n\t}\n}\n0',
  );
});

const handleAfter = async (line: string) => {
  await run(line);
  const listing = await run("nft add chain ip a probe; nft -a list chain ip a probe; nft 'delete chain ip a probe'");
  return Number(/probe \{ # handle (\d+)/.exec(listing)?.[1]);
};

test('what is undone has used up its handles, and what is refused before it is looked at closely has not', async () => {
  await run('nft add table ip a');
  expect(await handleAfter('nft -c add chain ip a c')).toBe(2);
  expect(await handleAfter("nft 'add flowtable ip a f { hook ingress priority 0; devices = { nosuch }; }'")).toBe(5);
  expect(await handleAfter("nft 'add flowtable ip a f { hook ingress priority 0; devices = { lo }; flags offload; }'")).toBe(7);
  expect(await handleAfter("nft 'add set ip a s { type ipv4_addr; quota 5 bytes; counter; limit rate 1/second; }'")).toBe(8);
});

test('get element: an interval by a key of its own, in the order asked; a range that reaches into a gap is not there', async () => {
  await run("nft 'add table ip a; add set ip a s { type ipv4_addr; flags interval; }'");
  await run("nft 'add element ip a s { 10.0.0.0/24, 10.0.1.5, 10.0.2.1-10.0.2.9, 255.255.255.0/24 }'");
  const get = async (keys: string) => /elements = \{ (.*) \}/.exec(await run(`nft get element ip a s '{ ${keys} }'`))?.[1];
  expect(await get('10.0.0.5')).toBe('10.0.0.0/24');
  expect(await get('10.0.2.5, 10.0.0.7')).toBe('10.0.2.1-10.0.2.9, 10.0.0.0/24');
  expect(await get('10.0.1.5')).toBe('10.0.1.5');
  expect(await get('255.255.255.9')).toBe('255.255.255.0/24');
  expect(await get('10.0.0.5-10.0.0.9')).toBe('10.0.0.0/24');
  expect(await get('10.0.0.5-10.0.1.9')).toBeUndefined();
  expect(await get('255.255.255.0/24')).toBeUndefined();
});

test('addresses are read as inet_aton(3) does: octal behind a zero', async () => {
  await run("nft 'add table ip a; add chain ip a c'");
  expect(
    await run("nft 'add rule ip a c ip saddr 010.1.2.3; add rule ip a c ip saddr 10; list chain ip a c'; nft list chain ip a c"),
  ).toContain('\t\tip saddr 8.1.2.3\n\t\tip saddr 0.0.0.10\n');
  expect(await run('nft add rule ip a c ip saddr 08.1.1.1')).toContain('Could not resolve hostname');
});

test('a jump from a base chain to what may not be there is underlined where it leads', async () => {
  await run("nft 'add table ip a; add chain ip a p; add chain ip a o { type filter hook output priority 0; }'");
  await run('nft \'add rule ip a p osf name "Linux"\'');
  expect(await run('nft add rule ip a o jump p')).toBe(
    'Error: Could not process rule: Operation not supported\nadd rule ip a o jump p\n                     ^\n1',
  );
});

test('words of ct, limit and quota are words of the language there alone', async () => {
  await run("nft 'add table ip a; add chain ip a over; add chain ip a c'");
  const complaint = async (rule: string) => (await run(`nft add rule ip a c ${rule}`)).split('\n')[0];
  expect(await complaint('jump over')).toBe('0');
  expect(await complaint('ct over 5')).toBe('Error: syntax error, unexpected over');
  expect(await complaint('ct mark state')).toBe('Error: syntax error, unexpected state');
  expect(await complaint('ct original state')).toBe('Error: syntax error, unexpected state');
  expect(await complaint('limit over 5/second')).toBe('Error: syntax error, unexpected over, expecting name or rate');
  expect(await complaint('quota bytes')).toBe('Error: syntax error, unexpected bytes, expecting number');
});

test('the first use of a module begins a batch anew, and its handles are not given again', async () => {
  await run("nft 'add table ip a; add chain ip a c'");
  await run('nft add rule ip a c limit rate 5/second');
  await run('nft add rule ip a c limit rate 6/second');
  expect(await run('nft -a list chain ip a c')).toContain('limit rate 5/second # handle 4\n\t\tlimit rate 6/second # handle 5\n');
});

test('a rule where it may not be costs two handles, and one each until a batch holds together', async () => {
  await run("nft 'add table ip a; add chain ip a p { type nat hook prerouting priority dstnat; }; add rule ip a p dnat to 1.1.1.1'");
  const before = await handleAfter('nft add table ip a');
  const refused = 'nft add rule ip a p snat to 1.1.1.1';
  expect(await run(`${refused}; ${refused}`)).toContain('Operation not supported');
  expect(await handleAfter(refused)).toBe(before + 5);
});

test('ports of any transport are those of the one that is named, and compared at once', async () => {
  await run("nft 'add table ip a; add chain ip a c'");
  expect(await run("nft --debug=netlink 'add rule ip a c tcp dport 22 th sport 5'")).toContain(
    '[ payload load 4b @ transport header + 0 => reg 1 ]\n  [ cmp eq reg 1 0x16000500 ]',
  );
  expect(await run('nft list chain ip a c')).toContain('\t\ttcp sport 5 tcp dport 22\n');
});

test('of intervals only whole ones can be taken away', async () => {
  await run("nft 'add table ip a; add set ip a s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 11.0.0.1 }; }'");
  expect(await run("nft delete element ip a s '{ 10.0.0.0/16 }'")).toMatch(/^Error: element does not exist\n/);
  expect(await run("nft delete element ip a s '{ 10.0.0.0-10.255.255.255 }'; nft list set ip a s")).toContain('elements = { 11.0.0.1 }');
});

test('what was exported and imported once says what to do instead', async () => {
  expect(await run('nft export json')).toMatch(/^Error: JSON export is no longer supported, use 'nft -j list ruleset' instead\n/);
  expect(await run('nft import xml')).toMatch(/^Error: this output type not supported\n/);
  expect(await run('nft export foo')).toMatch(/unexpected string, expecting ruleset or xml or json or vm\n/);
});

test('a set of the older form, and statements that nft cannot write', async () => {
  await run("nft 'add table ip a; add chain ip a c; add set ip a s { type ipv4_addr; flags dynamic,timeout; }'");
  expect(await run('nft add rule ip a c set add ip saddr timeout 5s @s; nft list chain ip a c')).toContain(
    '\t\tadd @s { ip saddr timeout 5s }\n',
  );
  expect(await run('nft add rule ip a c xt match foo')).toMatch(/^Error: unsupported xtables compat expression/);
});

test('with -o a file is checked before it is carried out, as each handle that is used up shows', async () => {
  await file('/rules.nft', TABLE);
  const handle = async (name: string) =>
    Number(new RegExp(`"name": "${name}", "handle": (\\d+)`).exec(await run(`nft add table ip ${name}; nft -j list tables`))?.[1]);
  const before = await handle('x');
  expect(await run('nft -o -c -f /rules.nft')).toBe('0');
  expect(await handle('y')).toBe(before + 3);
  expect(await run('nft -o -f /rules.nft; nft list table ip a')).toBe(`${TABLE}0`);
  expect(await handle('z')).toBe(before + 6);
  await file('/wrong.nft', 'add table ip w\nadd rule ip w nosuch accept\n');
  expect(await run('nft -o -f /wrong.nft')).toContain('Error: ');
  expect(await run('nft list table ip w')).toContain('No such file or directory');
});
