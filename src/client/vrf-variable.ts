/** What `ip vrf exec` tells a program: its sockets are bound to that VRF. Linux has a cgroup for it. */
export const VRF_VARIABLE = 'TAPSTACK_VRF';
