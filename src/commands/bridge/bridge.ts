import { NetError } from '../../base/net-error.js';
import type { Command } from '../../client/command.js';
import { runBatch } from '../ip/batch.js';
import { IpContext } from '../ip/context.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { CommandFailure, failure, fatal } from '../shared/failure.js';
import { fdbVerbs, showFdb } from './fdb.js';
import { linkVerbs, showLinks } from './link.js';
import { mdbVerbs, showMdb } from './mdb.js';
import type { BridgeObject } from './object.js';
import { type BridgeOptions, parseOptions } from './options.js';
import { monitorVerbs, runMonitor } from './monitor.js';
import { BRIDGE_USAGE, FDB_USAGE, LINK_USAGE, MDB_USAGE, MONITOR_USAGE, VLAN_USAGE, VNI_USAGE } from './usage.js';
import { showVnis, vniVerbs } from './vni.js';
import { showVlans, vlanVerbs } from './vlan.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';

/** In iproute2's order. */
export const bridgeObjects: readonly BridgeObject[] = [
  { name: 'link', usage: LINK_USAGE, verbs: linkVerbs, withoutVerb: showLinks },
  { name: 'fdb', usage: FDB_USAGE, verbs: fdbVerbs, withoutVerb: showFdb },
  { name: 'mdb', usage: MDB_USAGE, verbs: mdbVerbs, withoutVerb: showMdb },
  { name: 'vlan', usage: VLAN_USAGE, verbs: vlanVerbs, withoutVerb: showVlans },
  { name: 'vni', usage: VNI_USAGE, verbs: vniVerbs, withoutVerb: showVnis },
  { name: 'monitor', usage: MONITOR_USAGE, verbs: monitorVerbs, withoutVerb: runMonitor },
];

const VERSION_TEXT = `bridge utility, 6.1.0, ${TAPSTACK_VERSION_TEXT}`;
/** What this tool ends with where `ip` ends with 2: the request was refused. */
const REFUSED = 255;

async function runCommand(context: IpContext, cursor: Cursor, options: BridgeOptions): Promise<number> {
  const word = cursor.next();
  const object = bridgeObjects.find(({ name }) => abbreviates(word, name));
  if (object === undefined && abbreviates(word, 'help')) throw fatal(BRIDGE_USAGE);
  if (object === undefined) throw failure(`Object "${word}" is unknown, try "bridge help".`, REFUSED);
  if (cursor.done || object.verbs.length === 0) return object.withoutVerb(context, cursor, options, '');
  const name = cursor.next();
  for (const verb of object.verbs)
    if (verb.names.some((candidate) => (verb.exact === true ? name === candidate : abbreviates(name, candidate))))
      return verb.run(context, cursor, options, verb.names[0] ?? name);
  const whole = object.verbs.every((verb) => verb.exact === true);
  if (whole ? name === 'help' : abbreviates(name, 'help')) throw fatal(object.usage);
  throw fatal(`Command "${name}" is unknown, try "bridge ${object.name} help".`);
}

/** `bridge`: ports, forwarding entries and VLANs of bridges, as iproute2's does. */
export const bridge: Command = async (argv, io, env) => {
  let context: IpContext | null = null;
  try {
    const { options, cursor } = parseOptions(argv);
    if (options.version) {
      await io.stdout.write(`${VERSION_TEXT}\n`);
      return 0;
    }
    const opened = new IpContext(io, env, options);
    context = opened;
    if (options.batch !== undefined) return await runBatch(opened, options.batch, (_context, words) => runCommand(opened, words, options));
    if (cursor.done) throw fatal(BRIDGE_USAGE);
    return await runCommand(opened, cursor, options);
  } catch (error) {
    await context?.flush();
    if (error instanceof CommandFailure) {
      if (error.text !== '') await io.stderr.write(error.text);
      return error.status === 2 ? REFUSED : error.status;
    }
    if (!(error instanceof NetError)) throw error;
    await io.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    await context?.flush();
    await context?.close();
  }
};
