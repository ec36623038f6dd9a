# shellcheck shell=bash
# For a shell of programs with engines inside:  . env.sh [ROUTE]
#
# Sets the library path and DUALIS_HIREDIS_ROUTE as `dualis env` prints them; ROUTE is mem://main if it is not given. bash
# and zsh know where this file is; in other shells say where `dualis` is: DUALIS=/path/bin/dualis . env.sh
if [ -z "${DUALIS-}" ]; then
  if [ -n "${BASH_VERSION-}" ]; then dualis_env=${BASH_SOURCE[0]}; else dualis_env=$0; fi
  for DUALIS in "${dualis_env%/*}/dualis" "${dualis_env%/*}/../../bin/dualis"; do
    [ ! -x "$DUALIS" ] || break
  done
  unset dualis_env
fi
eval "$("$DUALIS" env --as "${1:-mem://main}")"
