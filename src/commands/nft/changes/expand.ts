import type { RuleDecl } from '../ast.js';
import type { Command, TableBlock } from '../command.js';
import type { Location } from '../location.js';

/** A table's block as single commands: the table, its chains, objects, sets, flowtables, and then the rules. */
export function expand(command: Command): Command[] {
  if (command.target === 'chain' && command.chain !== undefined) {
    const rules = (command.rules ?? []).map((rule) => ruleCommand(command, command.chain!.name, rule));
    return [command, ...rules];
  }
  if (command.target !== 'table' || command.block === undefined) return [command];
  const block: TableBlock = command.block;
  const of = (rest: Partial<Command> & Pick<Command, 'target'>, name: { name: string; loc: Location }): Command => ({
    verb: command.verb === 'create' ? 'create' : 'add',
    family: command.family!,
    table: command.table!,
    name: { text: name.name, loc: name.loc },
    loc: rest.loc ?? name.loc,
    ...rest,
  });
  return [
    command,
    ...block.chains.map(({ chain, loc }) => of({ target: 'chain', chain, loc }, chain)),
    ...block.objects.map((object) => of({ target: 'object', object }, object)),
    ...block.sets.map((set) => of({ target: 'set', set }, set)),
    ...block.flowtables.map((flowtable) => of({ target: 'flowtable', flowtable }, flowtable)),
    ...block.chains.flatMap(({ chain, rules }) =>
      rules.map((rule) => ruleCommand({ ...command, name: { text: chain.name, loc: chain.loc } }, chain.name, rule)),
    ),
  ];
}

const ruleCommand = (command: Command, chain: string, rule: RuleDecl): Command => ({
  verb: 'add',
  target: 'rule',
  family: command.family!,
  table: command.table!,
  name: { text: chain, loc: command.name?.loc ?? command.loc },
  rule,
  loc: rule.loc,
});
