import { hasBit, readBitset, type ReadBits, type WireBit } from '../../netlink/genl/ethtool/bitset.js';
import { Answer, ETHTOOL_FLAG_COMPACT_BITSETS, Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { featuresMessage } from '../../netlink/genl/ethtool/messages.js';
import { CommandFailure } from '../shared/failure.js';
import type { JsonWriter } from '../shared/json-writer.js';
import type { EthtoolContext } from './context.js';
import { featureGroups, fits } from './feature-groups.js';
import { noWords, orStatus, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

interface FeatureBits {
  readonly hw: ReadBits;
  readonly wanted: ReadBits;
  readonly active: ReadBits;
  readonly noChange: ReadBits;
}

const names = async (context: EthtoolContext) =>
  (await context.netlink()).strings(StringSet.FEATURES, context.device === '*' ? null : context.device);

const isFixed = ({ hw, noChange }: FeatureBits, index: number) => !hasBit(hw.value, index) || hasBit(noChange.value, index);

function writeJson(json: JsonWriter, name: string, active: boolean, bits: FeatureBits | null, index: number): void {
  json.name(name);
  json.openObject();
  json.name('active');
  json.value(active);
  json.name('fixed');
  json.value(bits === null ? null : isFixed(bits, index));
  json.name('requested');
  json.value(bits === null ? null : hasBit(bits.wanted.value, index));
  json.closeObject();
}

function lineOf(bits: FeatureBits, index: number, name: string, indent: string): string {
  const on = hasBit(bits.active.value, index);
  const wanted = hasBit(bits.wanted.value, index);
  const note = isFixed(bits, index) ? ' [fixed]' : on === wanted ? '' : ` [requested ${wanted ? 'on' : 'off'}]`;
  return `${indent}${name}: ${on ? 'on' : 'off'}${note}\n`;
}

/** Linux ethtool: dump_features() */
function dump(context: EthtoolContext, bits: FeatureBits, all: readonly string[], json: JsonWriter | null): void {
  const shown = new Set<number>();
  const one = (index: number, name: string, indent: string) => {
    shown.add(index);
    if (json === null) context.print(lineOf(bits, index, name, indent));
    else writeJson(json, name, hasBit(bits.active.value, index), bits, index);
  };
  for (const { long, pattern } of featureGroups) {
    const found = [...all.keys()].filter((index) => fits(pattern, all[index] ?? ''));
    if (found.length === 0) continue;
    if (found.length === 1) {
      one(found[0]!, long, '');
      continue;
    }
    const on = found.some((index) => hasBit(bits.active.value, index));
    if (json === null) context.print(`${long}: ${on ? 'on' : 'off'}\n`);
    else writeJson(json, long, on, null, 0);
    for (const index of found) one(index, all[index]!, '\t');
  }
  for (const [index, name = ''] of all.entries()) if (name !== '' && !shown.has(index)) one(index, name, '');
}

export const featuresShown: Shown<typeof featuresMessage.attributes.shape> = {
  schema: featuresMessage,
  get: Request.FEATURES_GET,
  notification: Answer.FEATURES_NTF,
  flags: ETHTOOL_FLAG_COMPACT_BITSETS,
  async show(context, { device, values }, silent) {
    const [hw, wanted, active, noChange] = [values.hw, values.wanted, values.active, values.noChange].map(readBitset);
    if (hw == null || wanted == null || active == null || noChange == null) return;
    const all = await names(context);
    if (silent) context.print('\n');
    context.print(`Features for ${device}:\n`);
    dump(context, { hw, wanted, active, noChange }, all, null);
  },
};

async function showJson(context: EthtoolContext): Promise<number> {
  const netlink = await context.netlink();
  const json = context.jsonWriter();
  json.openArray();
  const status = await orStatus(1, async () => {
    for (const { device, values } of await netlink.get(featuresMessage, Request.FEATURES_GET, { flags: ETHTOOL_FLAG_COMPACT_BITSETS })) {
      const [hw, wanted, active, noChange] = [values.hw, values.wanted, values.active, values.noChange].map(readBitset);
      if (hw == null || wanted == null || active == null || noChange == null) continue;
      json.openObject();
      json.name('ifname');
      json.value(device);
      dump(context, { hw, wanted, active, noChange }, await names(context), json);
      json.closeObject();
    }
    return 0;
  });
  json.closeArray();
  json.end();
  return status;
}

/** -k */
export const showFeatures: SubCommand = {
  options: ['-k', '--show-features', '--show-offload'],
  summary: 'Get state of protocol offload and other features',
  json: true,
  async netlink(context) {
    noWords(context);
    if (context.flags.json) return showJson(context);
    return orStatus(1, async () => {
      const netlink = await context.netlink();
      const found = await netlink.get(featuresMessage, Request.FEATURES_GET, { flags: ETHTOOL_FLAG_COMPACT_BITSETS });
      for (const answered of found) await featuresShown.show(context, answered, netlink.isDump);
      return 0;
    });
  },
};

/** The features that the words name, each to be on or off. Linux ethtool: fill_sfeatures_bitmap() */
function askedFor({ words }: EthtoolContext, all: readonly string[]): WireBit[] {
  const bits = new Map<string, boolean>();
  for (let at = 0; at < words.length; at += 2) {
    const state = words[at + 1];
    if (state !== 'on' && state !== 'off')
      throw new CommandFailure(1, `ethtool (-K): flag '${state ?? '(null)'}' for parameter '(null)' is not followed by 'on' or 'off'\n`);
    const word = words[at]!;
    const group = featureGroups.find(({ short, long }) => word === short || word === long);
    const found = group === undefined ? [word] : all.filter((name) => name !== '' && fits(group.pattern, name));
    for (const name of found) bits.set(name, state === 'on');
  }
  return [...bits].map(([name, value]) => ({ name, value }));
}

/** What came of it, where that is not just what was asked for; false: nothing. Linux ethtool: show_feature_changes() */
function tellChanges(
  context: EthtoolContext,
  asked: readonly WireBit[],
  all: readonly string[],
  wanted: ReadBits,
  active: ReadBits,
): boolean {
  const requested = new Set(asked.map(({ name = '' }) => all.indexOf(name)));
  const missed = (index: number) => hasBit(wanted.mask, index);
  const moved = (index: number) => hasBit(active.mask, index);
  const indexes = [...all.keys()].filter((index) => missed(index) || moved(index));
  if (indexes.some((index) => missed(index) || !requested.has(index))) {
    context.print('Actual changes:\n');
    for (const index of indexes) {
      const on = missed(index) ? !hasBit(wanted.value, index) : hasBit(active.value, index);
      const note = missed(index) ? ` [requested ${on ? 'off' : 'on'}]` : requested.has(index) ? '' : ' [not requested]';
      if (all[index] !== '') context.print(`${all[index]}: ${on ? 'on' : 'off'}${note}\n`);
    }
  }
  return [...requested].some((index) => !missed(index));
}

/** -K */
export const setFeatures: SubCommand = {
  options: ['-K', '--features', '--offload'],
  summary: 'Set protocol offload and other features',
  parameters: '\t\tFEATURE on|off ...\n',
  async netlink(context) {
    return orStatus(92, async () => {
      const all = await names(context);
      const asked = askedFor(context, all);
      const netlink = await context.netlink();
      const answer = await netlink.set(
        featuresMessage,
        Request.FEATURES_SET,
        { wanted: { bits: { bits: asked } } },
        ETHTOOL_FLAG_COMPACT_BITSETS,
      );
      const values = answer === null ? null : netlink.read(featuresMessage, answer).values;
      const wanted = readBitset(values?.wanted);
      const active = readBitset(values?.active);
      if (wanted !== null && active !== null && tellChanges(context, asked, all, wanted, active)) return 0;
      await context.complain('Could not change any device features');
      return 1;
    });
  },
};
