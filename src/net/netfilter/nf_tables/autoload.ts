import { EAGAIN } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { loadModule, moduleFor } from '../../../base/kernel-modules.js';
import type { Transaction } from './transaction.js';

/**
 * What a batch needs of modules that are not loaded. The first use of one ends the attempt with EAGAIN: all is undone, the module is
 * loaded, and the batch begins anew. Handles that the attempt gave away are not given again, which is why it shows.
 * Linux: nft_request_module(), nf_tables_module_autoload()
 */
export interface Autoload {
  /** Names of the modules of this stack that are loaded. */
  readonly modules: Set<string>;
  readonly transaction: Transaction;
}

/** Once a name and batch: EAGAIN. When the batch has come back with it, nothing: what is there now is all there will be. */
function request({ transaction }: Autoload, alias: string): void {
  if (transaction.asked.has(alias)) return;
  transaction.asked.add(alias);
  fail(EAGAIN);
}

/** What the aborted batch asked for is loaded, as far as there is such a module. */
export function loadAsked({ modules, transaction }: Autoload): void {
  for (const alias of transaction.asked) loadModule(alias, modules);
}

function needOne(autoload: Autoload, aliases: readonly string[], builtIn: boolean): void {
  const names = aliases.map(moduleFor);
  if (names.some((name) => name !== undefined && autoload.modules.has(name))) return;
  if (builtIn && names.every((name) => name === undefined)) return;
  for (const alias of aliases) request(autoload, alias);
}

/** Linux: nft_expr_type_get(): the module for the family first, then the one for all. `known`: the stack has such a kind. */
export const needExpression = (autoload: Autoload, family: number, name: string, known: boolean): void =>
  needOne(autoload, [`nft-expr-${family}-${name}`, `nft-expr-${name}`], known);

/** Linux: nf_tables_chain_type_lookup() */
export const needChainType = (autoload: Autoload, family: number, type: string, known: boolean): void =>
  needOne(autoload, [`nft-chain-${family}-${type}`], known);

/** Linux: nft_obj_type_get() */
export const needObject = (autoload: Autoload, type: number, known: boolean): void => needOne(autoload, [`nft-obj-${type}`], known);

/** Linux: nft_flowtable_type_get() */
export const needFlowtable = (autoload: Autoload, family: number): void => needOne(autoload, [`nf-flowtable-${family}`], true);

/** What writes the lines of `log`, or brings them to programs. Linux: nft_log_modprobe() */
export function needLogger(autoload: Autoload, toPrograms: boolean): void {
  const name = toPrograms ? 'nfnetlink_log' : 'nf_log_syslog';
  if (!autoload.modules.has(name)) request(autoload, name);
}
