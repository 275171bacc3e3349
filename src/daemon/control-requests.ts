import type { BusSession } from './bus-session.js';

/** What a control connection may ask, by name. A request throws NetError or ClientError; its result goes out as JSON. */
export type ControlRequest = (argument: unknown, session: BusSession) => unknown;
export type ControlRequests = ReadonlyMap<string, ControlRequest>;
