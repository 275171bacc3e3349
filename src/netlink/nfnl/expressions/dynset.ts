import { be32, be64, string } from '../../attributes.js';
import { expression, expressionList, nameOf, numbered, oneExpression, words } from '../expression.js';

// enum nft_dynset_ops
export const NFT_DYNSET_OP_ADD = 0;
export const NFT_DYNSET_OP_UPDATE = 1;
export const NFT_DYNSET_OP_DELETE = 2;
// enum nft_dynset_flags
export const NFT_DYNSET_F_INV = 1;
/** The sender knows NFTA_DYNSET_EXPRESSIONS. */
export const NFT_DYNSET_F_EXPR = 2;

const operators = numbered(['add', 'update', 'delete']);

/** [ dynset update reg_key 1 set s timeout 10000ms expr [ counter pkts 0 bytes 0 ] ]: an element from the packet. */
export const dynset = expression(
  'dynset',
  {
    sregKey: be32(4),
    sregData: be32(5),
    op: be32(3),
    setName: string(1),
    setId: be32(2),
    /** Milliseconds. */
    timeout: be64(6),
    expr: oneExpression(7),
    expressions: expressionList(10),
    flags: be32(9),
  },
  (e, notationOf) => {
    const expressions = e.expressions ?? (e.expr === undefined ? [] : [e.expr]);
    return words(
      `${nameOf(operators, e.op)} reg_key ${e.sregKey} set ${e.setName}`,
      e.sregData !== undefined && `sreg_data ${e.sregData}`,
      e.timeout !== undefined && `timeout ${e.timeout}ms`,
      ...expressions.map((inner) => `expr [ ${notationOf(inner)} ]`),
    );
  },
);
