#!/bin/bash
# Installs the component hiredis-compat to a prefix, moves it, and builds and runs programs against it in each way that
# programs find hiredis: find_package, pkg-config, bare flags; shared and static; C99 and C++17; with and without TLS.
#
#   test.sh BUILD-FOLDER
set -euo pipefail
build=$1
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc} cxx=${CXX:-c++}

fail() { echo "FAILED: $*" >&2; exit 1; }
try() { [[ $(env LD_LIBRARY_PATH="$prefix/lib" "$@") == good ]] || fail "$* does not run"; }

cmake --install "$build" --prefix "$work/first" --component hiredis-compat >/dev/null
mv "$work/first" "$work/moved"
prefix=$work/moved
[[ -d $prefix/lib ]] || fail "the libraries are not in lib"

# The layout.
for file in include/hiredis/{alloc,async,hiredis,read,sds,sockcompat,hiredis_ssl}.h \
  include/hiredis/adapters/{ae,glib,ivykis,libev,libevent,libhv,libsdevent,libuv,macosx,poll,qt,redismoduleapi}.h \
  lib/lib{hiredis,hiredis_ssl}.{a,so,so.1,so.1.5.0,so.1.1.0,so.1.3.0,so.1.4.0,so.1.5.0-dev} \
  lib/pkgconfig/{hiredis,hiredis_ssl}.pc \
  lib/cmake/hiredis/hiredis-{config,config-version,targets}.cmake \
  lib/cmake/hiredis_ssl/hiredis_ssl-{config,targets}.cmake build/native/hiredis{,_ssl}.targets; do
  [[ -e $prefix/$file ]] || fail "missing: $file"
done
for name in hiredis hiredis_ssl; do
  readelf -d "$prefix/lib/lib$name.so" | grep -q "SONAME.*\[lib$name.so.1\]" || fail "SONAME of lib$name"
done
if grep -rl "$work/first" "$prefix" >/dev/null; then fail "a file knows where it was installed first"; fi

# find_package.
cmake -S "$here" -B "$work/project" -G Ninja -D CMAKE_PREFIX_PATH="$prefix" -D CMAKE_C_COMPILER="$cc" \
  -D CMAKE_CXX_COMPILER="$cxx" >"$work/log" 2>&1 || { cat "$work/log"; fail "find_package"; }
ninja -C "$work/project" >"$work/log" 2>&1 || { cat "$work/log"; fail "a project that found the package"; }
for kind in shared tls plain static; do
  for language in c cc; do try "$work/project/${kind}_$language"; done
done
for kind in plain static; do
  for language in c cc; do
    if ldd "$work/project/${kind}_$language" | grep -q hiredis; then fail "${kind}_$language is not static"; fi
  done
done

# pkg-config, and nothing but -l.
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cp "$here/consumer.c" "$work/consumer.cc"
warn=(-Wall -Wextra -Werror -O1)
for names in "" -DBARE_NAMES; do
  "$cc" -std=c99 -D_DEFAULT_SOURCE "${warn[@]}" $names $(pkg-config --cflags hiredis) "$here/consumer.c" -o "$work/a" \
    $(pkg-config --libs hiredis)
  try "$work/a"
  "$cc" -std=c99 -D_DEFAULT_SOURCE "${warn[@]}" $names -DWITH_TLS $(pkg-config --cflags hiredis_ssl) \
    "$here/consumer.c" -o "$work/a" $(pkg-config --libs hiredis_ssl)
  try "$work/a"
  "$cxx" -std=c++17 "${warn[@]}" $names $(pkg-config --cflags hiredis) "$work/consumer.cc" -o "$work/a" \
    $(pkg-config --libs hiredis)
  try "$work/a"
  "$cxx" -std=c++17 "${warn[@]}" $names -DWITH_TLS $(pkg-config --cflags hiredis_ssl) "$work/consumer.cc" -o "$work/a" \
    $(pkg-config --libs hiredis_ssl)
  try "$work/a"
done
"$cc" -std=c99 -D_DEFAULT_SOURCE -I"$prefix/include" "$here/consumer.c" -o "$work/a" -L"$prefix/lib" -lhiredis
try "$work/a"
# Static: where there is no shared library to prefer.
rm "$prefix"/lib/*.so*
for package in hiredis hiredis_ssl; do
  tls=$([[ $package == hiredis_ssl ]] && echo -DWITH_TLS || true)
  "$cc" -std=c99 -D_DEFAULT_SOURCE "${warn[@]}" $tls $(pkg-config --cflags $package) "$here/consumer.c" -o "$work/a" \
    $(pkg-config --static --libs $package)
  try "$work/a"
  "$cxx" -std=c++17 "${warn[@]}" $tls $(pkg-config --cflags $package) "$work/consumer.cc" -o "$work/a" \
    $(pkg-config --static --libs $package)
  try "$work/a"
done

# Debug builds end in d, and the target's name can be chosen: seen in what a build would export.
root=$(cd -- "$here/../../.." && pwd)
cmake -S "$root" -B "$work/debug" -G Ninja -D CMAKE_BUILD_TYPE=Debug -D hiredis_export_name=other \
  -D CMAKE_C_COMPILER="$cc" -D CMAKE_CXX_COMPILER="$cxx" -D DUALIS_BUILD_TESTS=OFF -D DUALIS_BUILD_BENCH=OFF \
  -D DUALIS_BUILD_EXAMPLES=OFF >"$work/log" 2>&1 || { cat "$work/log"; fail "configuring a debug build"; }
exports=$(find "$work/debug" -name 'hiredis*-targets*.cmake')
grep -q "hiredis::other " $exports || fail "hiredis_export_name"
for name in libhiredisd.so.1 libhiredis_ssld.so.1; do
  grep -q "$name" $exports || fail "a debug build exports no $name"
done
packaging=$work/debug/compat/packaging
grep -q -- "-lhiredisd" "$packaging/hiredis.pc" && grep -q "hiredis::other" "$packaging/hiredis-config.cmake" ||
  fail "the package's files of a debug build"
[[ $(readlink "$packaging/libhiredis.so.1") == libhiredisd.so.1.5.0 ]] || fail "no libhiredis.so.1 of a debug build"
echo "installed, found and run in every way"
