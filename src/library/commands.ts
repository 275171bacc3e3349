import type { Command } from '../client/command.js';

interface CommandModule {
  readonly command: Command;
  /** Loads what the command otherwise loads late: under virtual time nothing may wait for a file. */
  preload?(): Promise<void>;
}

/** The commands that an in-process instance and the daemon's command worker offer. */
export const commandModules: Readonly<Record<string, () => Promise<CommandModule>>> = {
  bridge: () => import('../commands/bridge/index.js'),
  conntrack: () => import('../commands/conntrack/index.js'),
  ethtool: () => import('../commands/ethtool/index.js'),
  ip: () => import('../commands/ip/index.js'),
  ipvsadm: () => import('../commands/ipvsadm/index.js'),
  'ipvsadm-restore': () => import('../commands/ipvsadm-restore/index.js'),
  'ipvsadm-save': () => import('../commands/ipvsadm-save/index.js'),
  lsmod: () => import('../commands/lsmod/index.js'),
  modinfo: () => import('../commands/modinfo/index.js'),
  modprobe: () => import('../commands/modprobe/index.js'),
  rmmod: () => import('../commands/rmmod/index.js'),
  nft: () => import('../commands/nft/index.js'),
  netstat: () => import('../commands/netstat/index.js'),
  nstat: () => import('../commands/nstat/index.js'),
  ping: () => import('../commands/ping/index.js'),
  rtmon: () => import('../commands/rtmon/index.js'),
  ss: () => import('../commands/ss/index.js'),
  sysctl: () => import('../commands/sysctl/index.js'),
  tcpdump: () => import('../commands/tcpdump/index.js'),
  'tcpdump-lite': () => import('../commands/tcpdump/index.js'),
};

const loaded = new Map<string, Promise<Command>>();

async function load(name: string): Promise<Command> {
  const module = await commandModules[name]!();
  await module.preload?.();
  return module.command;
}

/** Loads all commands: under virtual time the clock would jump while a file is read. */
export async function loadCommands(): Promise<void> {
  await Promise.all(Object.keys(commandModules).map(findCommand));
}

export async function findCommand(name: string): Promise<Command | undefined> {
  if (!Object.hasOwn(commandModules, name)) return undefined;
  const command = loaded.get(name) ?? load(name);
  loaded.set(name, command);
  return command;
}
