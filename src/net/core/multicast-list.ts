/** A link-layer group that a device listens to (struct netdev_hw_addr). */
export interface LinkGroup {
  readonly address: Uint8Array;
  /** How many want it. */
  users: number;
  /** How many of them are the user (`ip maddr add`): he counts once. */
  fixed: number;
}

/** The link-layer groups of one device (dev->mc), oldest first. */
export class MulticastList {
  readonly groups: LinkGroup[] = [];

  find(address: Uint8Array): LinkGroup | undefined {
    return this.groups.find((held) => held.address.length === address.length && held.address.every((byte, i) => byte === address[i]));
  }

  /** A protocol wants it. True: the device did not listen to it before. Linux: dev_mc_add() */
  add(address: Uint8Array): boolean {
    const known = this.find(address);
    if (known === undefined) this.groups.push({ address, users: 1, fixed: 0 });
    else known.users++;
    return known === undefined;
  }

  /** The user wants it; asking twice is asking once. Linux: dev_mc_add_global() */
  addFixed(address: Uint8Array): boolean {
    const known = this.find(address);
    if (known === undefined) this.groups.push({ address, users: 1, fixed: 1 });
    else if (known.fixed === 0) {
      known.fixed = 1;
      known.users++;
    }
    return known === undefined;
  }

  /** False: nobody had asked for it in this way. Linux: dev_mc_del(), dev_mc_del_global() */
  remove(address: Uint8Array, fixed: boolean): boolean {
    const known = this.find(address);
    if (known === undefined || (fixed && known.fixed === 0)) return false;
    if (fixed) known.fixed = 0;
    if (--known.users === 0) this.groups.splice(this.groups.indexOf(known), 1);
    return true;
  }
}
