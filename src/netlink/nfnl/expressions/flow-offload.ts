import { string } from '../../attributes.js';
import { expression } from '../expression.js';

/** [ flow_offload flowtable ft ]: the connection's further packets take the flowtable's short way. */
export const flowOffload = expression('flow_offload', { tableName: string(1) }, (e) => `flowtable ${e.tableName}`);
