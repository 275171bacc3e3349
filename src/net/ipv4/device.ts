/** IPv4 on one device (struct in_device): its addresses and settings. */
export class Ipv4Device {}
