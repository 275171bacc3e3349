import { dataNotation, wordsNotation } from '../../netlink/nfnl/data.js';
import { expressionNotation } from '../../netlink/nfnl/notation.js';
import { NFT_SET_ELEM_CATCHALL, type RuleAttributes } from '../../netlink/nfnl/nf-tables.js';
import type * as ast from './ast.js';
import type { WireElement } from './linearise/elements.js';

/** What --debug=netlink shows. */

const userdataText = (bytes: Uint8Array | undefined): string => {
  if (bytes === undefined || bytes.length === 0) return '';
  const text = [...bytes]
    .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`))
    .join('');
  return `  userdata = { ${text} }`;
};

export function debugRule(family: ast.Family, table: string, chain: string, rule: RuleAttributes): string {
  const lines = (rule.expressions ?? []).map((expression) => {
    const text = expressionNotation(expression);
    return `  [ ${text} ]\n`;
  });
  const userdata = userdataText(rule.userdata);
  return `${family} ${table}${chain === '' ? '' : ` ${chain}`}\n${lines.join('')}${userdata === '' ? '\n' : `${userdata}\n`}`;
}

export function debugSet(table: string, set: ast.SetDecl, elements: number | undefined): string {
  const size = elements ?? set.size;
  return `${set.name} ${table} ${set.flags.toString(16)}${set.timeout === undefined ? '' : ` timeout ${set.timeout}ms`}${set.gcInterval === undefined ? '' : ` gc_interval ${set.gcInterval}ms`}${
    set.policy === undefined ? '' : ` policy ${set.policy}`
  }${size === undefined || (elements === undefined && set.size === undefined) ? '' : ` size ${size}`}\n`;
}

export function debugElements(table: string, set: ast.SetDecl, elements: readonly WireElement[]): string {
  let text = `${set.name} ${table} 0\n`;
  for (const { attributes: e } of elements) {
    const catchall = ((e.flags ?? 0) & NFT_SET_ELEM_CATCHALL) !== 0;
    const key = catchall ? '' : `${wordsNotation(e.key?.value ?? new Uint8Array(0), '')} `;
    const end = e.keyEnd?.value === undefined ? '' : ` - ${wordsNotation(e.keyEnd.value, '')} `;
    let data = '';
    if (e.data !== undefined)
      data = e.data.verdict === undefined ? `${wordsNotation(e.data.value ?? new Uint8Array(0), '')} ` : `${dataNotation(e.data)} `;
    text += `\telement ${key}${end} : ${data}${e.flags ?? 0} [end]${userdataText(e.userdata)}`;
  }
  return elements.length === 0 ? text : `${text}\n`;
}
