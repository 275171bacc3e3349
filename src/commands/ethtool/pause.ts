import { hasBit, readBitset } from '../../netlink/genl/ethtool/bitset.js';
import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { linkmodesMessage, pauseMessage } from '../../netlink/genl/ethtool/messages.js';
import { LinkMode } from '../../netlink/genl/ethtool/strings.js';
import type { JsonWriter } from '../shared/json-writer.js';
import type { EthtoolContext } from './context.js';
import { onOff } from './parameters.js';
import { type Answered, Refused } from './netlink.js';
import { noWords, orStatus, setting, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

const ETHTOOL_FLAG_STATS = 4;
type PauseShape = typeof pauseMessage.attributes.shape;

const state = (value: number | undefined) => (value === undefined ? 'n/a' : value === 0 ? 'off' : 'on');

/** What the ends have agreed on; null: the other end tells nothing. IEEE 802.3 annex 28B, table 28B-3. */
async function negotiated(context: EthtoolContext, device: string): Promise<{ rx: boolean; tx: boolean } | null> {
  try {
    const [answer] = await (await context.netlink()).get(linkmodesMessage, Request.LINKMODES_GET, { device });
    const ours = readBitset(answer?.values.ours);
    const peer = readBitset(answer?.values.peer);
    if (ours === null || peer === null) return null;
    const [ourPause, ourAsym] = [LinkMode.PAUSE, LinkMode.ASYM_PAUSE].map((bit) => hasBit(ours.value, bit));
    const [peerPause, peerAsym] = [LinkMode.PAUSE, LinkMode.ASYM_PAUSE].map((bit) => hasBit(peer.value, bit));
    if (ourPause && peerPause) return { rx: true, tx: true };
    if (!ourAsym || !peerAsym) return { rx: false, tx: false };
    return { rx: ourPause === true, tx: peerPause === true };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

async function show(context: EthtoolContext, { device, values }: Answered<PauseShape>, silent: boolean): Promise<void> {
  const { autoneg, rx, tx, statistics } = values;
  context.print(`${silent ? '\n' : ''}Pause parameters for ${device}:\n`);
  context.print(`Autonegotiate:\t${state(autoneg)}\nRX:\t\t${state(rx)}\nTX:\t\t${state(tx)}\n`);
  const agreed = autoneg === 1 && !silent ? await negotiated(context, device) : null;
  if (agreed !== null) context.print(`RX negotiated: ${agreed.rx ? 'on' : 'off'}\nTX negotiated: ${agreed.tx ? 'on' : 'off'}\n`);
  if (statistics !== undefined && Object.keys(statistics).length > 0) {
    context.print('Statistics:\n');
    if (statistics.txFrames !== undefined) context.print(`  tx_pause_frames: ${statistics.txFrames}\n`);
    if (statistics.rxFrames !== undefined) context.print(`  rx_pause_frames: ${statistics.rxFrames}\n`);
  }
  if (!silent) context.print('\n');
}

export const pauseShown: Shown<PauseShape> = { schema: pauseMessage, get: Request.PAUSE_GET, notification: Answer.PAUSE_NTF, show };

function member(json: JsonWriter, name: string, value: boolean | number | undefined): void {
  if (value === undefined) return;
  json.name(name);
  json.value(value);
}

const isOn = (value: number | undefined) => (value === undefined ? undefined : value !== 0);

async function writeJson(context: EthtoolContext, json: JsonWriter, { device, values }: Answered<PauseShape>): Promise<void> {
  json.openObject();
  json.name('ifname');
  json.value(device);
  member(json, 'autonegotiate', isOn(values.autoneg));
  member(json, 'rx', isOn(values.rx));
  member(json, 'tx', isOn(values.tx));
  const agreed = values.autoneg === 1 ? await negotiated(context, device) : null;
  if (agreed !== null) {
    json.name('negotiated');
    json.openObject();
    member(json, 'rx', agreed.rx);
    member(json, 'tx', agreed.tx);
    json.closeObject();
  }
  if (values.statistics !== undefined) {
    json.name('statistics');
    json.openObject();
    member(json, 'tx_pause_frames', values.statistics.txFrames);
    member(json, 'rx_pause_frames', values.statistics.rxFrames);
    json.closeObject();
  }
  json.closeObject();
}

export const showPause: SubCommand = {
  options: ['-a', '--show-pause'],
  summary: 'Show pause options',
  json: true,
  async netlink(context) {
    noWords(context);
    const json = context.flags.json ? context.jsonWriter() : null;
    json?.openArray();
    const status = await orStatus(1, async () => {
      const netlink = await context.netlink();
      const flags = context.flags.statistics ? ETHTOOL_FLAG_STATS : 0;
      for (const answered of await netlink.get(pauseMessage, Request.PAUSE_GET, { flags })) {
        if (json === null) await show(context, answered, netlink.isDump);
        else await writeJson(context, json, answered);
      }
      return 0;
    });
    json?.closeArray();
    json?.end();
    return status;
  },
};

export const setPause: SubCommand = {
  options: ['-A', '--pause'],
  summary: 'Set pause options',
  parameters: `\t\t[ autoneg on|off ]
\t\t[ rx on|off ]
\t\t[ tx on|off ]
`,
  netlink: setting(
    pauseMessage,
    Request.PAUSE_SET,
    '-A',
    ['autoneg', 'rx', 'tx'].map((name) => ({ name, key: name, read: onOff })),
    76,
  ),
};
