# An instance inside an instance: a stack, namespaces and an etc of its own, to programs of any make.
set -e
until_true() { for _ in $(seq 100); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done; echo "never: $*"; return 1; }
ip link add outer0 type dummy
/usr/sbin/ip netns add outer
echo outer >/etc/mark
tapstack run -- sh -ec '
  [ "$(/usr/sbin/ip -br link | wc -l)" = 1 ] && echo "the inner stack begins anew"
  [ -z "$(/usr/sbin/ip netns list)" ] && echo "names of namespaces are its own"
  /usr/sbin/ip netns add inner
  /usr/sbin/ip link add inner0 netns inner type dummy
  [ "$(ip -n inner -br link | grep -c inner0)" = 1 ] && echo "both make the same there"
  cat /etc/mark
  echo inner >/etc/mark
  ls /proc/sys/net/ipv4/conf | xargs
  exit 3
' || echo "status $?"
echo "etc: $(cat /etc/mark), namespaces: $(/usr/sbin/ip netns list), devices: $(/usr/sbin/ip -br link | grep -c outer0)"
# Whatever becomes of the launcher, nothing of the inner one is left.
tapstack run -- setsid sleep 4242 >/dev/null 2>&1 &
launcher=$!
until_true pgrep -f '^sleep 4242$'
kill -KILL $launcher
until_true sh -c "! pgrep -f '^sleep 4242\$'" && echo "a killed launcher's program ends"
