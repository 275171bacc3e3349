# sshd.sh [SECONDS]: leaves a real sshd and a session of it running, and ends so much later. Works in the folder that it is in.
set -e
ip link set lo up
mkdir -p /run/sshd
for name in host user; do ssh-keygen -q -t ed25519 -N '' -f "$name"; done
/usr/sbin/sshd -D -f /dev/null -h "$PWD/host" -o PidFile=none -o StrictModes=no -o "AuthorizedKeysFile=$PWD/user.pub" &
ask() { ssh -F none -i user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 "$@"; }
for _ in $(seq 100); do ask true 2>/dev/null && break; sleep 0.1; done
ask 'exec sleep 4245' 2>/dev/null &
for _ in $(seq 100); do pgrep -x -f 'sleep 4245' >/dev/null && break; sleep 0.1; done
pgrep -x -f 'sleep 4245' >/dev/null && echo "a session"
[ -z "$1" ] || sleep "$1"
