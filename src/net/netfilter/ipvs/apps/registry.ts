import type { IpvsApplication } from './application.js';
import { ftp } from './ftp.js';

/** The applications that are helped; a new one is one file and one line here. A connection knows its own by number, from 1 on. */
export const applications: readonly IpvsApplication[] = [ftp];
