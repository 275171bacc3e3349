import type { NexthopObject } from '../../nexthop/object.js';
import { type FibInfo, FibNexthop } from './info.js';

/** The ways of a route that names `object`. */
export const waysOf = (object: NexthopObject, info: FibInfo): FibNexthop[] =>
  object.ways.map(({ object: { device, gateway, gateway6, encapsulation, scope, flags }, weight }) => {
    const way = new FibNexthop(info);
    way.device = device;
    way.oif = device?.ifindex ?? 0;
    way.gateway = gateway;
    way.gateway6 = gateway6;
    way.encapsulation = encapsulation;
    way.scope = scope;
    way.flags = flags;
    way.weight = weight;
    return way;
  });
