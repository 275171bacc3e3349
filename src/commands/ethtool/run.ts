import { CommandFailure } from '../shared/failure.js';
import type { ValuesOf } from '../../netlink/attributes.js';
import type { EthtoolMessage, EthtoolShape } from '../../netlink/genl/ethtool/messages.js';
import type { EthtoolContext } from './context.js';
import { type Answered, Refused } from './netlink.js';
import { type Parameter, readOne } from './parameters.js';

/** Refuses words behind a sub-command that takes none. */
export function noWords({ words }: EthtoolContext): void {
  if (words.length > 0) throw new CommandFailure(1, `ethtool: unexpected parameter '${words[0]}'\n`);
}

/** The status of what `work` does, or `status` where the kernel refuses. */
export async function orStatus(status: number, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return status;
    throw error;
  }
}

/** Shows what one message tells: as an answer, in a dump and from the monitor alike. */
export interface Shown<S extends EthtoolShape> {
  readonly schema: EthtoolMessage<S>;
  readonly get: number;
  /** genlmsghdr.cmd of the notification that tells of it. */
  readonly notification?: number;
  /** ETHTOOL_FLAG_*, beside those that the command's own flags ask for. */
  readonly flags?: number;
  readonly takesStatistics?: boolean;
  show(context: EthtoolContext, answered: Answered<S>, silent: boolean): Promise<void> | void;
}

const ETHTOOL_FLAG_STATS = 4;

/** A sub-command that shows. */
export const showing =
  <S extends EthtoolShape>(shown: Shown<S>) =>
  async (context: EthtoolContext): Promise<number> => {
    noWords(context);
    return orStatus(1, async () => {
      const netlink = await context.netlink();
      const flags = (shown.flags ?? 0) | (shown.takesStatistics === true && context.flags.statistics ? ETHTOOL_FLAG_STATS : 0);
      for (const answered of await netlink.get(shown.schema, shown.get, { flags })) await shown.show(context, answered, netlink.isDump);
      return 0;
    });
  };

/** A sub-command that sets the attributes its parameters name. */
export const setting =
  <S extends EthtoolShape>(
    schema: EthtoolMessage<S>,
    command: number,
    name: string,
    table: readonly Parameter[],
    refused: number,
    needed = false,
  ) =>
  async (context: EthtoolContext): Promise<number> => {
    if (needed && context.words.length === 0) throw new CommandFailure(1, `ethtool (${name}): parameters missing\n`);
    const attributes = readOne(name, context.words, table) as unknown as Omit<ValuesOf<S>, 'header'>;
    return orStatus(refused, async () => {
      await (await context.netlink()).set(schema, command, attributes);
      return 0;
    });
  };
