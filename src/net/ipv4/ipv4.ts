/** IPv4 in one namespace. */
export class Ipv4 {}
