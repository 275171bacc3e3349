import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { Ioctl, Tunable } from '../../netlink/genl/ethtool/ioctl.js';
import { integer, struct, viewOf } from './ioctl-words.js';
import { badArguments, type SubCommand } from './subcommand.js';

/** enum tunable_id; ETHTOOL_TUNABLE_U16 2, U32 3. */
interface TunableName {
  readonly name: string;
  readonly id: number;
  readonly type: number;
  readonly bytes: number;
}
const tunables: readonly TunableName[] = [
  { name: 'rx-copybreak', id: 1, type: 3, bytes: 4 },
  { name: 'tx-copybreak', id: 2, type: 3, bytes: 4 },
  { name: 'tx-buf-size', id: 4, type: 3, bytes: 4 },
  { name: 'pfc-prevention-tout', id: 3, type: 2, bytes: 2 },
];

function requestFor(command: number, { id, type, bytes: length }: TunableName) {
  const request = struct(Tunable.size + length, command);
  request.view.setUint32(Tunable.id, id, true);
  request.view.setUint32(Tunable.type, type, true);
  request.view.setUint32(Tunable.length, length, true);
  return request;
}

/** --get-tunable */
export const getTunable: SubCommand = {
  options: ['--get-tunable'],
  summary: 'Get tunable',
  parameters: '\t\t[ rx-copybreak ]\n\t\t[ tx-copybreak ]\n\t\t[ tx-buf-size ]\n\t\t[ pfc-precention-tout ]\n',
  async ioctl(context) {
    if (context.words.length === 0) badArguments();
    const wanted = context.words.map((word) => tunables.find(({ name }) => name === word) ?? badArguments());
    for (const tunable of wanted) {
      const answer = await context.ioctl(requestFor(Ioctl.GTUNABLE, tunable).bytes);
      if (answer instanceof NetError) {
        await context.complain(`${tunable.name}: Cannot get tunable`);
        return 255;
      }
      const view = viewOf(answer);
      context.print(`${tunable.name}: ${tunable.bytes === 2 ? view.getUint16(Tunable.data, true) : view.getUint32(Tunable.data, true)}\n`);
    }
    return 0;
  },
};

/** --set-tunable */
export const setTunable: SubCommand = {
  options: ['--set-tunable'],
  summary: 'Set tunable',
  parameters: '\t\t[ rx-copybreak N]\n\t\t[ tx-copybreak N]\n\t\t[ tx-buf-size N]\n\t\t[ pfc-precention-tout N]\n',
  async ioctl(context) {
    const { words } = context;
    if (words.length === 0) badArguments();
    for (let at = 0; at < words.length; at += 2) {
      const tunable = tunables.find(({ name }) => name === words[at]) ?? badArguments();
      const value = integer(words[at + 1] ?? badArguments());
      const request = requestFor(Ioctl.STUNABLE, tunable);
      if (tunable.bytes === 2) request.view.setUint16(Tunable.data, value, true);
      else request.view.setUint32(Tunable.data, value, true);
      const answer = await context.ioctl(request.bytes);
      if (answer instanceof NetError) {
        await context.complain(`${tunable.name}: ${strerror(answer.errno)}`);
        return 255;
      }
    }
    return 0;
  },
};

/** enum phy_tunable_id, and what the real tool calls each where it fails. */
const phyTunables: Readonly<Record<string, readonly [id: number, what: string]>> = {
  downshift: [1, 'PHY downshift count'],
  'fast-link-down': [2, 'PHY Fast Link Down value'],
  'energy-detect-power-down': [3, 'PHY Energy Detect Power Down value'],
};

/** --get-phy-tunable and --set-phy-tunable: of one byte (two for energy-detect-power-down). */
export const getPhyTunable: SubCommand = {
  options: ['--get-phy-tunable'],
  summary: 'Get PHY tunable',
  parameters: '\t\t[ downshift ]\n\t\t[ fast-link-down ]\n\t\t[ energy-detect-power-down ]\n',
  async ioctl(context) {
    const [word, more] = context.words;
    const known = word === undefined || more !== undefined ? undefined : phyTunables[word];
    if (known === undefined) return badArguments();
    const [id, what] = known;
    const bytes = id === 3 ? 2 : 1;
    const answer = await context.ioctl(requestFor(Ioctl.PHY_GTUNABLE, { name: word!, id, type: bytes, bytes }).bytes);
    if (answer instanceof NetError) {
      await context.perror(`Cannot Get ${what}`, answer);
      return 87;
    }
    const view = viewOf(answer);
    context.print(`${word}: ${bytes === 2 ? view.getUint16(Tunable.data, true) : view.getUint8(Tunable.data)}\n`);
    return 0;
  },
};

export const setPhyTunable: SubCommand = {
  options: ['--set-phy-tunable'],
  summary: 'Set PHY tunable',
  parameters: `\t\t[ downshift on|off [count N] ]
\t\t[ fast-link-down on|off [msecs N] ]
\t\t[ energy-detect-power-down on|off [msecs N] ]
`,
  async ioctl(context) {
    const [word = '', state, unit, count] = context.words;
    const known = Object.hasOwn(phyTunables, word) ? phyTunables[word] : undefined;
    if (known === undefined || (state !== 'on' && state !== 'off')) return badArguments();
    if (unit !== undefined && (unit !== (word === 'downshift' ? 'count' : 'msecs') || count === undefined)) return badArguments();
    const [id, what] = known;
    const bytes = id === 3 ? 2 : 1;
    const request = requestFor(Ioctl.PHY_STUNABLE, { name: word, id, type: bytes, bytes });
    const value =
      state === 'off' ? (id === 1 ? 0 : id === 2 ? 255 : 0) : count === undefined ? (bytes === 2 ? 0xffff : 0xff) : integer(count);
    if (bytes === 2) request.view.setUint16(Tunable.data, value, true);
    else request.view.setUint8(Tunable.data, value);
    const answer = await context.ioctl(request.bytes);
    if (!(answer instanceof NetError)) return 0;
    await context.perror(`Cannot Set ${what}`, answer);
    return 87;
  },
};
