import { StringSet } from '../../netlink/genl/ethtool/constants.js';
import type { EthtoolShape } from '../../netlink/genl/ethtool/messages.js';
import { payloadStart } from '../../netlink/message.js';
import { channelsShown } from './channels.js';
import { coalesceShown } from './coalesce.js';
import type { EthtoolContext } from './context.js';
import { eeeShown } from './energy.js';
import { featuresShown } from './features.js';
import { moduleShown } from './module.js';
import { Refused } from './netlink.js';
import { pauseShown } from './pause.js';
import { privateFlagsShown } from './private-flags.js';
import { ringsShown } from './rings.js';
import type { Shown } from './run.js';
import { settingsParts } from './settings.js';
import { badArguments } from './subcommand.js';

interface Watched {
  readonly options: readonly string[];
  readonly shown: readonly Shown<EthtoolShape>[];
  /** Each change stands below "Settings for DEVNAME". */
  readonly banner?: boolean;
}

const of = (shown: unknown): readonly Shown<EthtoolShape>[] => [shown as Shown<EthtoolShape>];

/** What can be watched, by the options of the sub-commands that show and set it. */
export const watchable: readonly Watched[] = [
  { options: ['-s', '--change'], shown: settingsParts, banner: true },
  { options: ['-k', '--show-features', '--show-offload', '-K', '--features', '--offload'], shown: of(featuresShown) },
  { options: ['--show-priv-flags', '--set-priv-flags'], shown: of(privateFlagsShown) },
  { options: ['-g', '--show-ring', '-G', '--set-ring'], shown: of(ringsShown) },
  { options: ['-l', '--show-channels', '-L', '--set-channels'], shown: of(channelsShown) },
  { options: ['-c', '--show-coalesce', '-C', '--coalesce'], shown: of(coalesceShown) },
  { options: ['-a', '--show-pause', '-A', '--pause'], shown: of(pauseShown) },
  { options: ['--show-eee', '--set-eee'], shown: of(eeeShown) },
  { options: ['--show-module', '--set-module'], shown: of(moduleShown) },
];

/** `words` are what stands behind --monitor. */
export function monitorTarget(words: readonly string[]): { readonly watched: readonly Watched[]; readonly device: string } {
  const [first] = words;
  let rest = words;
  let watched = watchable;
  if (first?.startsWith('-') === true) {
    rest = words.slice(1);
    if (first !== '--all') {
      const found = watchable.find(({ options }) => options.includes(first)) ?? badArguments();
      watched = [found];
    }
  }
  return { watched, device: rest[0] ?? '*' };
}

/** Tells of changes until it is ended. Linux ethtool: nl_monitor() */
export async function monitor(context: EthtoolContext, watched: readonly Watched[]): Promise<number> {
  const netlink = await context.netlink();
  const notifications = netlink.notifications();
  const first = notifications.next();
  if (context.device !== '*') {
    // Names that are a device's own are asked for at once.
    try {
      await netlink.strings(StringSet.PRIV_FLAGS, context.device);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  context.print('listening...\n');
  await context.flush();
  for (let next = await first; next.done !== true; next = await notifications.next()) {
    const message = next.value;
    const command = message.bytes[payloadStart(message)];
    for (const { shown, banner } of watched)
      for (const one of shown) {
        if (one.notification !== command) continue;
        const answered = netlink.read(one.schema, message);
        if (context.device !== '*' && context.device !== answered.device) continue;
        if (banner === true) context.print(`\nSettings for ${answered.device}:\n`);
        await one.show(context, answered, banner !== true);
      }
    await context.flush();
  }
  return 0;
}
