import { NetError } from '../../../base/net-error.js';
import {
  PRL_DEFAULT,
  type PrlEntry,
  prlAnswer,
  prlRequest,
  SIOCADDPRL,
  SIOCDELPRL,
  SIOCGETPRL,
} from '../../../netlink/rtnl/link/tunnel-ioctl.js';
import type { Cursor } from '../../shared/cursor.js';
import { CommandFailure, fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { noRequest, tunnelIoctl } from './six-rd.js';
import { addressOf } from './words.js';

/** As many as the real `ip` shows of one tunnel. */
const SHOWN = 15;

/** The routers of a tunnel as a line of `show` has them; nothing for what has none. */
export async function routersText(context: IpContext, name: string): Promise<string> {
  try {
    return prlAnswer(await tunnelIoctl(context, name, SIOCGETPRL, prlRequest({ address: 0, flags: 0 }, SHOWN)))
      .map(routerText)
      .join('');
  } catch (error) {
    // What is no ISATAP link, or no such system, has none.
    if (error instanceof NetError || error instanceof CommandFailure) return '';
    throw error;
  }
}

const routerText = ({ address, flags }: PrlEntry) =>
  ` ${(flags & PRL_DEFAULT) !== 0 ? 'pdr' : 'pr'} ${[24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')}`;

const requests: Readonly<Record<string, { readonly request: number; readonly flags: number }>> = {
  'prl-default': { request: SIOCADDPRL, flags: PRL_DEFAULT },
  'prl-nodefault': { request: SIOCADDPRL, flags: 0 },
  'prl-delete': { request: SIOCDELPRL, flags: 0 },
};

async function run(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let wanted: (PrlEntry & { readonly request: number }) | undefined;
  while (!cursor.done) {
    const word = cursor.next();
    const act = requests[word];
    if (word === 'dev') device = cursor.next();
    else if (act === undefined) throw fatal(`Invalid PRL parameter "${word}"`);
    else {
      const address = addressOf(cursor.next());
      if (wanted !== undefined) throw fatal('One PRL entry at a time');
      wanted = { ...act, address };
    }
  }
  if (device === undefined) throw fatal('Must specify device');
  if (wanted === undefined) throw noRequest(device);
  await tunnelIoctl(context, device, wanted.request, prlRequest(wanted));
  return 0;
}

export const prl: Verb = {
  names: ['prl'],
  summary: 'the routers that hosts of an ISATAP link may believe',
  keywords: [
    { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'the tunnel, of mode isatap' },
    { word: 'prl-default', exact: true, value: 'ADDR', text: 'adds a router that may be the default one' },
    { word: 'prl-nodefault', exact: true, value: 'ADDR', text: 'adds a router that may not' },
    { word: 'prl-delete', exact: true, value: 'ADDR', text: 'takes a router out; of 0.0.0.0, all' },
  ],
  run,
};
