import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { AF_PACKET } from '../../../netlink/constants.js';
import { addressMessage } from '../../../netlink/rtnl/address.js';
import { IFA_F_SECONDARY, RTM_DELADDR } from '../../../netlink/rtnl/constants.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import { deviceFilterKeywords, readDeviceFilter } from '../link/filter.js';
import type { Verb } from '../object.js';
import { type AddressView, printAddress, selects } from './print.js';
import { listAddresses } from './show.js';
import { ADDRESS_USAGE } from './usage.js';

/** Deletes what is selected, again and again until nothing is left: deleting a primary address may make others primary. */
async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, options } = context;
  if (cursor.done) throw failure('Flush requires arguments.');
  if (options.family === AF_PACKET) throw failure('Cannot flush link addresses.');
  const filter = await readDeviceFilter(context, cursor, ADDRESS_USAGE, options.family);
  await context.names.load('rt_scopes');
  await context.links.load();
  const onlyPrimary = (filter.flagMask & IFA_F_SECONDARY) !== 0 && (filter.flags & IFA_F_SECONDARY) === 0;
  const finish = (rounds: number) => {
    if (options.stats === 0) return 0;
    out.always(rounds === 0 ? 'Nothing to flush.\n' : `*** Flush is complete after ${rounds} round${rounds > 1 ? 's' : ''} ***\n`);
    return 0;
  };
  for (let round = 0; options.flushLoops === 0 || round < options.flushLoops; ) {
    const found = (await listAddresses(context, filter)).filter((view) => selects(filter, view, context.links.nameOf(view.header.index)));
    if (found.length === 0) return finish(round);
    // Secondary addresses first: they go with their primary one.
    const isSecondary = (flags: number) => (flags & IFA_F_SECONDARY) !== 0;
    found.sort((a, b) => Number(isSecondary(b.flags)) - Number(isSecondary(a.flags)));
    try {
      await context.requestAll(addressMessage, deletions(found));
    } catch (error) {
      if (error instanceof NetError) throw failure(`Failed to send flush request: ${strerror(error.errno)}`);
      throw error;
    }
    if (options.stats > 1) for (const view of found) printAddress(context, view, { withDevice: true });
    round++;
    if (options.stats > 0) out.always(`\n*** Round ${round}, deleting ${found.length} addresses ***\n`);
    if (onlyPrimary) return finish(round);
  }
  throw failure(`*** Flush remains incomplete after ${options.flushLoops} rounds. ***`);
}

function* deletions(views: readonly AddressView[]) {
  for (const { header, attributes } of views) yield { type: RTM_DELADDR, header, attributes };
}

export const flushVerb: Verb = {
  names: ['flush'],
  summary: 'take away all addresses that are selected',
  operands: '[ DEVICE ]',
  completeOperand: 'device',
  keywords: deviceFilterKeywords.filter(({ word }) => !word.startsWith('-')),
  run: flush,
};
