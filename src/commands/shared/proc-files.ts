import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import { Command } from '../../netlink/genl/tapstack.js';

/** Files below /proc that tell of a network: the stack's by its own family, or the host's. */
export interface ProcFiles {
  readonly target: 'stack' | 'kernel';
  /** "net/snmp", "sys/net/ipv4/ip_forward". Throws NetError ENOENT. */
  read(path: string): Promise<string>;
  close(): void;
}

/** `namespace`: by its name; left out: the caller's own. With target 'kernel' it is always that. */
export async function procFiles(io: Pick<CommandIo, 'files'>, env: CommandEnvironment, namespace?: string): Promise<ProcFiles> {
  const transport = await env.transport();
  if (transport.target === 'kernel')
    return {
      target: 'kernel',
      read: async (path) => new TextDecoder().decode(await io.files.read(`/proc/${path}`)),
      close: () => undefined,
    };
  const family = await TapstackFamily.open(transport, namespace);
  return {
    target: 'stack',
    async read(path) {
      if (path.startsWith('sys/')) {
        const { value } = await family.get(Command.SYSCTL_GET, { key: path.slice(4).replaceAll('/', '.') });
        return `${value ?? ''}\n`;
      }
      const decoder = new TextDecoder();
      let text = '';
      for await (const { data } of family.dump(Command.PROCNET_GET, { path: path.replace(/^net\//, '') }))
        if (data !== undefined) text += decoder.decode(data, { stream: true });
      return text;
    },
    close: () => family.close(),
  };
}
