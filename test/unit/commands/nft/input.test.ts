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
    'table ip a {\n\tchain c { # handle 1\n\t\taccept # handle 2\n\t\tcounter packets 0 bytes 0 # handle 4\n\t\tdrop # handle 3\n\t\tnotrack # handle 5\n\t}\n}\n0',
  );
});
