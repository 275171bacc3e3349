// What the real tcpdump 4.99.3 printed of packets made by hand, one file a protocol: ours prints the same.
import { readdirSync, readFileSync } from 'node:fs';
import { hex, savefile } from './captures.js';
import { tcpdump } from './world.js';

interface Case {
  readonly what: string;
  /** DLT_* of the packets. */
  readonly link: number;
  readonly options: string;
  readonly packets: readonly string[];
  /** Lines of the real tool, called with -t, -n and `options`. */
  readonly text: readonly string[];
}

const folder = new URL('./printers/', import.meta.url);

for (const file of readdirSync(folder))
  describe(file.replace('.json', ''), () => {
    const cases = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case[];
    it.each(cases.map((entry) => [`${entry.what} (${entry.options === '' ? 'no options' : entry.options})`, entry] as const))(
      '%s',
      async (_, { link, options, packets, text }) => {
        const cap = savefile(packets.map(hex), { linkType: link });
        const { stdout } = await tcpdump(`-t -n ${options} -r cap`.trim().split(/\s+/), { cap });
        expect(stdout.split('\n').slice(0, -1)).toEqual(text);
      },
    );
  });
