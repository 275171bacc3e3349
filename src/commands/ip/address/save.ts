import { addressMessage } from '../../../netlink/rtnl/address.js';
import { RTM_GETADDR } from '../../../netlink/rtnl/constants.js';
import { NLM_F_CREATE } from '../../../netlink/constants.js';
import { deviceFilterKeywords, readDeviceFilter } from '../link/filter.js';
import type { Verb } from '../object.js';
import { printAddress, selects, viewOf } from './print.js';
import { readSaved, restoreSaved, writeSaved } from '../saved.js';
import { ADDRESS_USAGE } from './usage.js';

/** First four bytes of a file of addresses. */
const MAGIC = 0x47361222;

export const save: Verb = {
  names: ['save'],
  summary: 'write the selected addresses to standard output, in a form for restore',
  operands: '[ DEVICE ]',
  keywords: deviceFilterKeywords.filter(({ word }) => !word.startsWith('-')),
  async run(context, cursor) {
    const filter = await readDeviceFilter(context, cursor, ADDRESS_USAGE, context.options.family);
    await context.links.load();
    const request = { type: RTM_GETADDR, header: { family: filter.family, index: filter.index } };
    const messages = [];
    for await (const message of context.dump(addressMessage, request)) {
      const view = viewOf(message);
      if (selects(filter, view, context.links.nameOf(view.header.index))) messages.push(message);
    }
    return writeSaved(context, MAGIC, messages);
  },
};

export const showdump: Verb = {
  names: ['showdump'],
  summary: 'show what a file made by save holds, from standard input',
  keywords: [],
  async run(context) {
    await context.names.load('rt_scopes');
    for (const message of await readSaved(context, MAGIC)) {
      const { index } = addressMessage.readHeader(message);
      context.out.text(`if${index}:\n`);
      printAddress(context, viewOf(message), { withDevice: false });
    }
    return 0;
  },
};

export const restore: Verb = {
  names: ['restore'],
  summary: 'make the addresses of a file made by save, from standard input',
  keywords: [],
  run: async (context) => restoreSaved(context, await readSaved(context, MAGIC), NLM_F_CREATE),
};
