"""What a container's shell does for a copy that is staged (`tui.streams.staging`).

Everything here is POSIX sh and runs with GNU and busybox tools alike. Paths are arguments and never part of a script.

A command that was cut may go on running: nothing tells it. So what moves or removes takes turns. A turn is a file in
the staging folder, named as that folder is, since nothing that is copied has that name; it is made by the shell's own
`set -C`, which fails where it is there, and holds the number of the process, so that one that died keeps nobody out.
"""

from __future__ import annotations

_TURN = """
turn() {
  t=$1/${1##*/}
  tries=$2
  until (set -C; echo "$$" > "$t") 2>/dev/null; do
    [ -d "$1" ] || return 0
    p=
    read -r p 2>/dev/null < "$t"
    [ "$p" != "$$" ] || return 0
    if [ -n "$p" ] && ! kill -0 "$p" 2>/dev/null; then rm -f "$t"; continue; fi
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 1
  done
}
"""
"""Wait for the turn of a folder: false where it did not come in so many seconds, or cannot be written. Where the folder
is gone there is nothing left to wait for."""

PREPARE = """
if [ -d "$1" ]; then way=into f=$1 n=$2; else way=as f=$3 n=$4; fi
s=$f
if [ "$6" = folder ] && [ -d "$f/$n" ] && [ ! -L "$f/$n" ]; then way="$way merged" s=$f/$n; fi
mkdir -m 700 "$s/$5" && echo "$way"
"""
FINISH = f"""{_TURN}
gone() {{ [ ! -e "$1" ] && [ ! -L "$1" ]; }}
folder() {{ [ -d "$1" ] && [ ! -L "$1" ]; }}
fits() {{
  if ! folder "$2" || gone "$1"; then return 0; fi
  if ! folder "$1"; then echo "$2: Is a directory" >&2; return 1; fi
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    fits "$e" "$2/${{e##*/}}" || return 1
  done
}}
put() {{
  if gone "$1"; then return 0; fi
  if folder "$1"; then
    if folder "$2"; then
      for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        put "$e" "$2/${{e##*/}}" || return 1
      done
      return 0
    fi
    if ! gone "$2"; then rm -f "$2" || return 1; fi
  elif [ -d "$2" ]; then rm -f "$2" || return 1
  fi
  mv -f "$1" "$2"
}}
m=$1/${{1##*/}}.$$
if [ "$4" -gt 0 ]; then
  if [ "$5" = ends ]; then cat > "$m"; else head -c "$4" > "$m"; fi || exit 1
  n=$(wc -c < "$m") && [ "$n" -ne "$4" ] && exit 1
fi
turn "$1" 30 || {{ echo "$1: another command is at work on it" >&2; exit 1; }}
[ -d "$1" ] || exit 0
trap 'rm -f "$t"' EXIT
fits "$1/$3" "$2/$3" || exit 1
put "$1/$3" "$2/$3" || exit 1
[ "$4" -eq 0 ] || tar -xmf "$m" -C "$2" || exit 1
rm -rf "$1"
"""
"""The folders' modes are read before the turn is taken, so that nobody waits for a network that is gone, and where they
are cut nothing is moved. A link to a folder is removed before the move, which would else go into that folder. Who finds
the staging folder gone was preceded by one that did it all."""
DISCARD = f"""{_TURN}
for d in "$@"; do
  if [ -d "$d" ]; then turn "$d" 5 || exit 1; fi
done
for i in 1 2 3 4 5; do rm -rf "$@" && exit 0; sleep 1; done
exit 1
"""
"""More than once: what writes there may not have heard yet that it was cut."""
BEGUN = """
cd "$1" || exit 1
shift
n=0
for f in "$@"; do
  [ -e "./$f" ] || [ -L "./$f" ] || break
  n=$((n + 1))
done
echo "$n"
"""
LACKING = """
cd "$1" || exit 1
shift
n=0
while [ "$#" -gt 1 ]; do
  l=
  case $1 in *u*) [ -u "./$2" ] || l=u ;; esac
  case $1 in *g*) [ -g "./$2" ] || l=${l}g ;; esac
  case $1 in *k*) [ -k "./$2" ] || l=${l}k ;; esac
  [ -z "$l" ] || echo "$n $l"
  n=$((n + 1))
  shift 2
done
"""
HELD = 'wc -c < "$1" && sha256sum < "$1"'
APPEND = """
case $3 in all) cat ;; *) head -c "$3" ;; esac >> "$1" || exit 1
if [ "$(id -u)" = 0 ]; then m=$2; else m=$(printf %o $((0$2 & ~0$(umask)))); fi
chmod "$m" "$1" && sha256sum < "$1"
"""
