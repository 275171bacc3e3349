import { attributes } from '../../attributes.js';

/** IFLA_INFO_DATA of kind "dummy": it has none. */
export const dummyData = attributes('IFLA_DUMMY', {});
