#!/usr/bin/env bash
# Installs what the test suites use beyond Go and make, where that is possible: by root, on Debian and its children.
# It is idempotent and takes no time when everything is there. What it cannot install it names and goes on: the suites
# probe for themselves and skip with the reason. Package installs start no services here, whatever their scripts want.
set -uo pipefail

# command or file that must be found | package that brings it | what needs it
needed='
chromium        | chromium          | tests/webui: the web pages in a browser
systemd-analyze | systemd           | tests/systemd: units are verified
systemd-nspawn  | systemd-container | tests/systemd: units are booted in a container
qemu-system-x86_64 | qemu-system-x86 | tests/vm: a whole machine
busybox         | busybox-static    | tests/vm: the first program of the machine; tests/e2e: images are made of it
mke2fs          | e2fsprogs         | tests/vm: the disk of the machine; tests/hosts: a disk that is slow; isolators/disk: sandboxes of a fixed size
ip              | iproute2          | tests/hosts: each host in a network namespace of its own
/usr/share/zookeeper/bin/zkServer.sh | zookeeperd | tests/zookeeper, tests/clients: programs that only know ZooKeeper find the leader
memcached       | memcached         | tests/isolation: services as tasks
redis-server    | redis-server      | tests/isolation: services as tasks
mariadbd        | mariadb-server    | tests/isolation: services as tasks
orted           | openmpi-bin       | tests/isolation: a job of Open MPI as tasks
/usr/lib/*/openmpi/include/mpi.h | libopenmpi-dev | tests/isolation: a program for it
gcc             | gcc               | tests/isolation: a program for it
runc            | runc              | actors/containerizer: the time that a container takes, beside its own
ip              | iproute2          | tests/systemd: five machines with addresses
dockerd         | docker.io         | tests/e2e: tasks in containers of a Docker engine
nft             | nftables          | isolators/network, tests/network: ports of the machine lead to containers
iptables        | iptables          | isolators/network, tests/network: plugins of CNI call it
/usr/lib/cni/portmap | containernetworking-plugins | isolators/network, tests/network: containers in networks of CNI
runc            | runc              | tests/e2e: tasks in containers of an OCI runtime
crun            | crun              | tests/e2e: tasks in containers of an OCI runtime
containerd-shim-runc-v2 | containerd | tests/e2e, actors/containerizer/shimv2: tasks in containers of a shim of containerd
runsc           | runsc             | tests/e2e: tasks in containers of gVisor
lxc-execute     | lxc               | tests/e2e: tasks in containers of LXC
haproxy         | haproxy           | tests/e2e: a load balancer that finds tasks by DNS
nginx           | nginx-light       | tests/e2e: a web server as a service
gunicorn        | gunicorn          | tests/e2e: a Python web app as a service
node            | nodejs            | tests/e2e: a Node web app as a service; tests/clients: a framework in Node
dpkg-deb        | dpkg              | tests/systemd: the package is installed and removed
'

PATH=$PATH:/usr/sbin:/sbin
packages=() reasons=()
while IFS='|' read -r command package reason; do
  read -r command <<<"$command"
  read -r package <<<"$package"
  [ -n "$command" ] || continue
  { command -v "$command" || compgen -G "$command"; } >/dev/null && continue
  packages+=("$package")
  reasons+=("$package ($(sed 's/^ *//' <<<"$reason"))")
done <<<"$needed"

[ ${#packages[@]} -eq 0 ] && exit 0

give_up() {
  printf 'setup: %s: not installed: %s\n' "$1" "${reasons[*]}" >&2
  exit 0
}

command -v apt-get >/dev/null || give_up 'no apt-get here'
[ "$(id -u)" = 0 ] || give_up 'not root'

# A policy that says no to every start, unless the machine has a policy of its own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi

echo "setup: installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 --no-install-recommends)
log=$(mktemp)
if ! { "${apt[@]}" install "${packages[@]}" || { "${apt[@]}" update && "${apt[@]}" install "${packages[@]}"; }; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  rm -f "$log"
  give_up 'apt-get failed, see above'
fi
rm -f "$log"
