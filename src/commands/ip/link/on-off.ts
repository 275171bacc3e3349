import { failure } from '../../shared/failure.js';

/** The value of a switch. */
export const onOffArgument = (key: string, word: string): boolean => {
  if (word === 'on') return true;
  if (word === 'off') return false;
  throw failure(`Error: argument of "${key}" must be "on" or "off", not "${word}"`);
};
