import type { Command } from '../client/command.js';

/** The commands that an in-process instance offers; each is loaded when it is first used. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  ip: async () => {
    const ip = await import('../commands/ip/main.js');
    await ip.preload();
    return ip;
  },
};

export async function findCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(commands, name) ? (await commands[name]!()).command : undefined;
}
