import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { AF_INET6, NLM_F_CREATE } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { RTM_DELROUTE } from '../../../netlink/rtnl/constants.js';
import { routeMessage } from '../../../netlink/rtnl/route.js';
import type { Cursor } from '../../shared/cursor.js';
import { CommandFailure, failure } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { readSaved, restoreSaved, writeSaved } from '../saved.js';
import { AlikeRoutes } from './alike.js';
import { dumpRoutes, listRoutes, newRouteFilter, type RouteFilter, readRouteFilter, routeFilterKeywords, selects } from './filter.js';
import { loadNexthopInfo } from './nexthop-info.js';
import { loadRouteNames, printRoute, type RouteView, viewOf } from './print.js';

export async function showRoutes(context: IpContext, cursor: Cursor): Promise<number> {
  const { out } = context;
  const filter = await readRouteFilter(context, cursor);
  await loadNexthopInfo(context);
  const printer = new RoutePrinter(context, filter);
  out.openDocument();
  for await (const messages of dumpRoutes(context, filter)) {
    for (const message of messages) printer.print(message);
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

/** Prints the routes of a dump that the filter takes; of those that are alike it reads the first alone. */
class RoutePrinter {
  readonly #context: IpContext;
  readonly #filter: RouteFilter;
  /** Null where it hangs on the destination whether a route is shown, or its address is shown by a name. */
  readonly #alike: AlikeRoutes | null;
  /** A record of JSON that was printed first has no comma before it. */
  #shown = false;

  constructor(context: IpContext, filter: RouteFilter) {
    this.#context = context;
    this.#filter = filter;
    const byDestination = filter.root !== undefined || filter.match !== undefined || context.options.resolve;
    this.#alike = byDestination ? null : new AlikeRoutes();
  }

  print(message: NetlinkMessage): void {
    const line = this.#alike?.find(message);
    if (line === null) return;
    if (line === undefined || this.#alike === null) this.#render(message);
    else this.#context.out.always(line.before + this.#alike.destination() + line.after);
  }

  #render(message: NetlinkMessage): void {
    const { out } = this.#context;
    const view = viewOf(message);
    if (!selects(this.#filter, view)) {
      this.#alike?.keep(null);
      return;
    }
    const text = out.recorded(() => {
      out.openObject();
      printRoute(this.#context, view, this.#filter);
      out.closeObject();
    });
    if (this.#shown || !out.isJson) this.#alike?.keep(text);
    this.#shown = true;
  }
}

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  const { out, options } = context;
  if (cursor.done) throw failure('"ip route flush" requires arguments.');
  const filter = await readRouteFilter(context, cursor);
  if (filter.cloned && filter.family !== AF_INET6) return flushCache(context);
  for (let round = 0; ; ) {
    const found: RouteView[] = [];
    try {
      for await (const views of listRoutes(context, filter)) for (const view of views) found.push(view);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new CommandFailure(error.status, error.text.replace('Dump terminated', 'Flush terminated'), error.final);
    }
    if (found.length === 0 || round >= MAX_ROUNDS) {
      if (options.stats > 0)
        out.always(round === 0 ? 'Nothing to flush.\n' : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`);
      return 0;
    }
    try {
      await context.requestAll(routeMessage, deletions(found));
    } catch (error) {
      if (error instanceof NetError) throw failure(`Failed to send flush request: ${strerror(error.errno)}`, 254);
      throw error;
    }
    if (options.stats > 1) for (const view of found) printRoute(context, view, filter);
    round++;
    if (options.stats > 0) out.always(`\n*** Round ${round}, deleting ${found.length} entries ***\n`);
  }
}
const MAX_ROUNDS = 10;

function* deletions(views: readonly RouteView[]) {
  for (const { header, attributes } of views) yield { type: RTM_DELROUTE, header, attributes };
}

/** What was learned of single destinations of IPv4 is kept by the stack, in no table: writing -1 there drops it. */
async function flushCache(context: IpContext): Promise<number> {
  const { flushRouteCache } = await import('./flush-cache.js');
  await flushRouteCache(context);
  if (context.options.stats > 0) context.out.always('*** IPv4 routing cache is flushed.\n');
  return 0;
}

/** First four bytes of a file of routes. */
const MAGIC = 0x45311224;

export const save: Verb = {
  names: ['save'],
  summary: 'write the selected routes to standard output, in a form for restore',
  operands: '[ SELECTOR ]',
  keywords: routeFilterKeywords,
  async run(context, cursor) {
    const filter = await readRouteFilter(context, cursor);
    const messages: NetlinkMessage[] = [];
    for await (const views of listRoutes(context, filter)) for (const { message } of views) messages.push(message);
    return writeSaved(context, MAGIC, messages);
  },
};

export const showdump: Verb = {
  names: ['showdump'],
  summary: 'show what a file made by save holds, from standard input',
  keywords: [],
  async run(context) {
    const messages = await readSaved(context, MAGIC);
    await loadRouteNames(context);
    await context.links.load();
    const everything = { ...newRouteFilter(0), table: 0 };
    for (const message of messages) printRoute(context, viewOf(message), everything);
    return 0;
  },
};

export const restore: Verb = {
  names: ['restore'],
  summary: 'make the routes of a file made by save, from standard input',
  keywords: [],
  async run(context) {
    const messages = await readSaved(context, MAGIC);
    // Routes to devices before routes through gateways, which need them. iproute2 looks at RTA_GATEWAY alone.
    const direct = (message: NetlinkMessage) => {
      const { attributes } = routeMessage.parse(message);
      return attributes.gateway === undefined && attributes.multipath === undefined;
    };
    const ordered = [...messages.filter(direct), ...messages.filter((message) => !direct(message))];
    return restoreSaved(context, ordered, NLM_F_CREATE);
  },
};

export const show: Verb = {
  names: ['list', 'show'],
  hidden: ['lst'],
  summary: 'show routes',
  operands: '[ SELECTOR ]',
  keywords: routeFilterKeywords,
  run: showRoutes,
};

export const flushVerb: Verb = {
  names: ['flush'],
  summary: 'remove all routes that are selected',
  operands: 'SELECTOR',
  keywords: routeFilterKeywords,
  run: flush,
};
