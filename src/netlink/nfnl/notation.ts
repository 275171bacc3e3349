import { expressionSchema } from './expressions/registry.js';
import type { WireExpression } from './expression.js';

/** An expression as `nft --debug=netlink` shows it, without the brackets: "meta load l4proto => reg 1". */
export function expressionNotation(expression: WireExpression): string {
  const name = expression.name ?? '';
  const schema = expressionSchema(name);
  if (schema === undefined || expression.data === undefined) return name;
  const text = schema.notation(expression.data.parse(schema.attributes), expressionNotation);
  return text === '' ? name : `${name} ${text}`;
}
