# What happens in the machine of TestReboot. The framework is a service of the machine, like master and agent.
set -e
state=/var/lib/survivor

# The script gives up long after it should be done, so that its end brings the journal out.
deadline=$(($(date +%s) + 240))
until_true() {
  until sh -c "$1" >/dev/null 2>&1; do
    if [ "$(date +%s)" -gt $deadline ]; then
      echo "not so in time: $1"
      journalctl --no-pager -o short-monotonic -u mesos-master -u mesos-agent -u survivor >"$OUT/journal"
      cp $state/updates "$OUT/" || true
      exit 1
    fi
    sleep 1
  done
}

if [ "$BOOT" = 1 ]; then
  systemd-sysusers mesos.conf
  mkdir -p $state
  cat >/etc/systemd/system/survivor.service <<UNIT
[Service]
Environment=SYSTEMD_TEST_FRAMEWORK=$state
ExecStart=/opt/framework
Restart=always
RestartSec=1s
[Install]
WantedBy=multi-user.target
UNIT
  echo MESOS_REGISTRATION_BACKOFF_FACTOR=100ms >>/etc/default/mesos-agent
  systemctl daemon-reload
  systemctl enable --now mesos-master mesos-agent survivor
  wanted='before-[12] TASK_RUNNING$'
  number=2
else
  wanted='^after TASK_RUNNING$'
  number=1
fi
until_true "[ \$(grep -c '$wanted' $state/updates) = $number ]"
if [ "$BOOT" = 2 ]; then
  until_true "[ \$(grep -c '^before-[12] TASK_GONE' $state/updates) -ge 2 ]"
fi
until_true 'systemctl is-active mesos-master mesos-agent'
until_true 'systemctl show --value -p StatusText mesos-agent | grep "^registered with"'
systemctl show --value -p StatusText mesos-agent | cut -d' ' -f7 >"$OUT/agent-id-$BOOT"
cp /proc/sys/kernel/random/boot_id "$OUT/machine-boot-id-$BOOT"
[ "$BOOT" = 2 ] || vm-reboot
cp $state/updates "$OUT/"
