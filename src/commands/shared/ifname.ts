/** Whether a text can name a device (`max` IFNAMSIZ), or be its other name. iproute2: check_ifname(), check_altifname() */
export const isName = (name: string, max: number): boolean => name !== '' && name.length < max && !/[/\s]/.test(name);
