# The first process of an instance's private mount and process namespaces: when it ends, so does everything in them.
# It must stay root: the kernel forgets the "kill me when my parent dies" of a process that changes its user.
#   $1 the root, never written to    $2 the instance's folder
set -eu
root=$1
instance=$2

mount --make-rprivate /
mount --bind "$root" "$instance/root"
mount -o remount,bind,ro "$instance/root"
root=$instance/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$instance/hosts" "$root/etc/hosts"
mount --bind "$instance/etc" "$root/etc/asterisk"
mount --bind "$instance/lib" "$root/var/lib/asterisk"
mount --bind "$instance/log" "$root/var/log/asterisk"
mount --bind "$instance/spool" "$root/var/spool/asterisk"
mount --bind "$instance/cache" "$root/var/cache/asterisk" # of res_http_media_cache
mount --bind "$instance/sounds" "$root/usr/local/share/asterisk/sounds"
# One asterisk.ctl and one asterisk.pid for each instance.
mount --bind "$instance/run" "$root/run/asterisk"

ulimit -n 20000
chroot "$root" /usr/sbin/asterisk -f -U asterisk -G asterisk &
wait $!
