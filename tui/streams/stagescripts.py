"""What a container's shell does for a copy that is staged (`tui.streams.staging`).

Everything here is POSIX sh and runs with GNU and busybox tools alike. Paths are arguments and never part of a script.

A command that was cut may go on running: nothing tells it. So what moves or removes takes turns. A turn is a file in
the staging folder, named as that folder is, since nothing that is copied has that name; it is made by the shell's own
`set -C`, which fails where it is there, and holds the number of the process, so that one that died keeps nobody out.
"""

from __future__ import annotations

FED = """
s= n='
'
while IFS= read -r l && [ "$l" != . ]; do s=$s$l$n; done
[ "$l" = . ] || exit 1
eval "$s"
"""
"""Reads a script from its input up to a line with a dot, and runs it with what comes behind. A command stands in the
address of a request, of which proxies take some KiB and no more, and the longer scripts have as many."""
AT_WORK = 3
"""Exit code of a command that did not get its turn, since another has it."""
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
busy() {
  if [ -s "$t" ]; then echo "$1: another command is at work on it"
  elif [ -e "$t" ]; then echo "$1: No space left on device, or another command is at work on it"
  else (set -C; echo "$$" > "$t") && rm -f "$t"
  fi >&2
}
"""
"""Wait for the turn of a folder: false where it did not come in so many seconds, or cannot be written; busy says which
of both. On a full disk a turn may be made and its number not written; where it cannot be made the shell says why. Where
the folder is gone there is nothing left to wait for."""

_SEND = f"""{_TURN}
nl='
'
gone() {{ [ ! -e "$1" ] && [ ! -L "$1" ]; }}
folder() {{ [ -d "$1" ] && [ ! -L "$1" ]; }}
ours() {{
  now=0
  [ ! -e "$1" ] || read -r now < "$1"
  [ "$now" = "$2" ] || {{ echo "another command goes on with it" >&2; return 1; }}
}}
unpack() (
  cd "$1" && {{ [ -z "$2" ] || ours "${{1##*/}}.now" "$2"; }} && exec tar -xmf -
)
shut() (
  cd "$1" 2>/dev/null || exit 0
  set --
  while IFS= read -r e; do
    case $e in
      .*) [ ! -d "$e" ] || set -- "$@" "$e" ;;
      *) [ "$#" -eq 0 ] || chmod "$u" "$@" || exit 1; set --; u=$e ;;
    esac
    if [ "$#" -ge 100 ]; then chmod "$u" "$@" || exit 1; set --; fi
  done
  [ "$#" -eq 0 ] || chmod "$u" "$@"
)
mounts() {{
  top=$1 below=all
  root=$(cd "$1" 2>/dev/null && pwd -P) && [ -r /proc/self/mounts ] || return 0
  case $root in /|//) root= ;; //*) root=${{root#/}} ;; esac
  below=$nl
  while read -r x at x; do
    case $at in
      *\\\\*) below=all; return 0 ;;
      "$root"/?*) below=$below${{at#"$root"}}$nl ;;
    esac
  done < /proc/self/mounts
}}
mounted() {{
  case $below in *"$nl${{1#"$top"}}$nl"*) ;; *) return 1 ;; esac
}}
fits() {{
  if gone "$1"; then return 0; fi
  if ! folder "$2" && mounted "$2"; then echo "$2: is mounted there, and cannot be replaced" >&2; return 1; fi
  if [ -e "$2" ] && [ ! -f "$2" ] && [ ! -d "$2" ] && [ ! -L "$2" ]; then
    echo "$2 is neither a file nor a folder: a copy would take its place" >&2
    return 1
  fi
  if ! folder "$2"; then return 0; fi
  if ! folder "$1"; then echo "$2: Is a directory" >&2; return 1; fi
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    fits "$e" "$2/${{e##*/}}" || return 1
  done
}}
put() {{
  if gone "$1"; then return 0; fi
  if ! folder "$1" || ! folder "$2"; then
    if ! gone "$2" && {{ folder "$1" || [ -d "$2" ]; }}; then rm -f "$2" || return 1; fi
    mv -f "$1" "$2"
    return
  fi
  if [ "$below" != all ] && ! mounted "$2"; then merge "$1" "$2"; return; fi
  mkdir -m 700 "$2/$own" || return 1
  if mv "$1" "$2/$own/it" && merge "$2/$own/it" "$2"; then rm -rf "$2/$own"; return; fi
  rm -rf "$2/$own"
  return 1
}}
merge() {{
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    ! folder "$e" || put "$e" "$2/${{e##*/}}" || return 1
  done
  from=$1 to=$2
  set --
  for e in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    if gone "$e" || folder "$e"; then continue; fi
    set -- "$@" "$e"
    if [ "$#" -ge 100 ]; then mv -f "$@" "$to/" || return 1; set --; fi
  done
  [ "$#" -eq 0 ] || mv -f "$@" "$to/"
}}
land() {{
  m=$1/${{1##*/}}
  turn "$1" 30 || {{ busy "$1"; return 1; }}
  trap 'rm -f "$t"' EXIT
  ours "$m.now" "$6" || return 1
  [ -e "$m.end" ] || {{ echo "$1: not all has come" >&2; return 1; }}
  n=$(wc -c < "$m.end") && [ "$n" -ne "$5" ] && return 1
  own=${{1##*/}}
  mounts "$2/$4"
  fits "$1/$3" "$top" && true > "$m.put" || return 1
  if folder "$1/$3" && folder "$top"; then merge "$1/$3" "$top"; else put "$1/$3" "$top"; fi || return 1
  echo placed
  [ "$5" -eq 0 ] || unpack "$top" "" < "$m.end" || return 1
  [ ! -e "$m.shut" ] || shut "$top" < "$m.shut" || return 1
  rm -rf "$1"
}}
send() {{
  case $how in
    ends) unpack "$1" "$6" ;;
    *) head -c "$how" | unpack "$1" "$6" ;;
  esac || exit
  echo unpacked
  land "$@"
}}
"""
"""Unpack a tar and put what has come into its place. Arguments: the staging folder, the one that it is for, the name
that the tar gives it, the name that it is to have, the bytes of the tar's last entry, the number of this try.

The last entry (".end") is a tar of the folders, which gives them their modes once all is in its place. It also tells
that all has come: tar takes an end at the border of two entries for a good one. Another try has begun where the number
in ".now" is not ours: we may have been cut without hearing of it. A link to a folder is removed before the move, which
would else go into that folder. Files are moved a hundred at a time, since each mv is a process; all of a folder's
folders come first, since variables are not kept over a call. The shell goes where tar unpacks: GNU's reads escapes in
what -C names. busybox's, run by who is not root, leaves folders that are there their modes: those that are closed to
their owner (".shut", what is deeper first) are closed once more, as far as one still gets there.

To a mount mv would copy, and who reads there find half a file: what goes into one is first moved into a folder beside
its place, where nobody looks, and put there from that. Device numbers tell no mounts, since one file system may be
mounted twice; where the kernel's list cannot be read, or has a name with an escape, each folder is taken for one. Who
dies while he moves leaves ".put", and a part of all in a place that nobody else knows: all has to come again then."""

BEGIN = f"""{_SEND}
read -r how && command -v mv > /dev/null && command -v rm > /dev/null || exit 1
if [ -d "$1" ]; then way=into f=$1 n=$2; else way=as f=$3 n=$4; fi
s=$f
if [ "$6" = folder ] && [ -d "$f/$n" ] && [ ! -L "$f/$n" ]; then way="$way merged" s=$f/$n; fi
if ! mkdir -m 700 "$s/$5"; then
  if command -v mkdir > /dev/null && [ -d "$s" ] && [ -w "$s" ]; then echo full; fi
  exit 1
fi
echo "$way"
send "$s/$5" "$f" "$2" "$n" "$7" 0
"""
"""The first line of what it reads tells how much follows in bytes, or that it will be told the end. Arguments: the
target ("" where it is no folder to copy into), our name, the target's folder and name in that, a name that nobody uses,
the kind, the bytes of the last entry."""
GO_ON = f"""{_SEND}
read -r how || exit 1
send "$@"
"""
CLAIM = f"""{_TURN}
turn "$1" 30 || {{ busy "$1"; [ ! -s "$t" ] || exit {AT_WORK}; exit 1; }}
[ ! -e "$1/${{1##*/}}.put" ] || rm -rf "$1"
[ -d "$1" ] || {{ echo gone; exit 0; }}
trap 'rm -f "$t"' EXIT
echo "$2" > "$1/${{1##*/}}.now" && rm -f "$1/${{1##*/}}.end" || exit 1
for n in 0 0 1 1 1; do
  found=
  for p in /proc/[0-9]*; do
    if [ "$p/cwd" -ef "$1" ]; then found=1; kill -9 "${{p#/proc/}}"; fi 2>/dev/null
  done
  [ "$found" ] || {{ echo held; exit 0; }}
  sleep "$n"
done
echo "$1: another command is at work on it" >&2
exit {AT_WORK}
"""
"""Before a copy goes on: what was cut before moves nothing from now on; it has already, where the folder is gone. That
all had come is no longer said: what comes next may be cut before its own end. Nor is anything written there by what was
cut: bytes may still be on their way to it, and its tar would put half a file in the place of a whole one that has come
meanwhile. It is in that folder, looks at the number only then, and is ended."""
DISCARD = f"""{_TURN}
for d in "$@"; do
  if [ -d "$d" ]; then turn "$d" 5 || [ ! -s "$t" ] || exit 1; fi
done
for i in 1 2 3 4 5; do rm -rf "$@" && exit 0; sleep 1; done
exit 1
"""
"""More than once: what writes there may not have heard yet that it was cut. A turn that has no number after so long is
one that a full disk did not take, which this is to empty."""
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
read -r how && exec 3>> "$1" || exit 1
(
  cd "$3" && now=0 || exit 1
  [ ! -e "${3##*/}.now" ] || read -r now < "${3##*/}.now"
  [ "$now" = "$4" ] || exit 1
  case $how in ends) exec cat >&3 ;; *) exec head -c "$how" >&3 ;; esac
) || exit 1
if [ "$(id -u)" = 0 ]; then m=$2; else m=$(printf %o $((0$2 & ~0$(umask)))); fi
chmod "$m" "$1" && sha256sum < "$1"
"""


def fed(script: str) -> bytes:
    """What is given to `FED`."""
    return f"{script.strip()}\n.\n".encode()
