import type { InstanceEntry, InstanceStatus, NicStatus } from '../../client/instance-port.js';

export interface TableStyle {
  readonly color: boolean;
}

/** The libraries of tables and colours; loaded where a table is printed, and nowhere else. */
async function tableMaker({ color }: TableStyle) {
  const [{ default: Table }, { Chalk }] = await Promise.all([import('cli-table3'), import('chalk')]);
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const render = (head: readonly string[], rows: readonly (readonly string[])[]) => {
    const table = new Table({ head: head.map((text) => chalk.bold(text)), style: { head: [], border: [], compact: true } });
    for (const row of rows) table.push([...row]);
    return `${table.toString()}\n`;
  };
  return { chalk, render };
}

export async function instanceTable(entries: readonly InstanceEntry[], style: TableStyle): Promise<string> {
  const { chalk, render } = await tableMaker(style);
  return render(
    ['name', 'state', 'pid'],
    entries.map(({ name, state, pid }) => [name, state === 'running' ? chalk.green(state) : chalk.red(state), String(pid ?? '')]),
  );
}

export async function statusTable(status: InstanceStatus, style: TableStyle): Promise<string> {
  const { chalk, render } = await tableMaker(style);
  const rows: (readonly [string, string])[] = [
    ['name', status.name],
    ['pid', String(status.pid)],
    ['version', status.version],
    ['up', duration(status.uptimeSeconds)],
    ['clients', String(status.clients)],
    ['namespaces', String(status.namespaces)],
    ['devices', String(status.devices)],
    ['NICs', status.nics.map((nic) => nic.name).join(' ')],
    ['socket', status.socket],
    ['etc', status.etc],
    ['log', status.log],
  ];
  return render(
    ['instance', chalk.green('running')],
    rows.map(([key, value]) => [key, value]),
  );
}

export async function nicTable(nics: readonly NicStatus[], style: TableStyle): Promise<string> {
  const { chalk, render } = await tableMaker(style);
  return render(
    ['name', 'mac', 'wire', 'rx packets', 'rx bytes', 'tx packets', 'tx bytes'],
    nics.map((nic) => [
      nic.name,
      nic.mac,
      nic.tap === null ? chalk.dim('sink') : `tap ${nic.tap}${nic.netns === null ? '' : ` in ${nic.netns}`}`,
      ...[nic.rxPackets, nic.rxBytes, nic.txPackets, nic.txBytes].map(String),
    ]),
  );
}

/** Seconds as "2 d 3 h", "4 min 5 s": the two largest units. */
function duration(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0 || size === 1) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ');
}
