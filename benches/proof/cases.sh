# One function a tool: it leaves what it leaves below $R, tells its version in V, and says which rule is to claim what.

## Java
settings() { # Debian's jars as Maven Central
  mkdir -p "$HOME/.m2"
  cat >"$HOME/.m2/settings.xml" <<X
<settings><mirrors><mirror><id>debian</id><mirrorOf>*</mirrorOf><url>file:///usr/share/maven-repo</url></mirror></mirrors></settings>
X
}
case_maven() {
  debian maven libmaven-resources-plugin-java libmaven-compiler-plugin-java libmaven-jar-plugin-java libsurefire-java
  settings
  mkdir -p src/main/java && echo 'class A { }' >src/main/java/A.java
  cat >pom.xml <<X
<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>
<properties><maven.compiler.release>11</maven.compiler.release></properties></project>
X
  mvn -B -q compile || mvn -B -q -Dmaven.test.skip resources:resources
  V=$(version "$(mvn -v)"); found maven/repo root/.m2/repository
}
case_gradle() {
  debian gradle
  mkdir -p src/main/java && echo 'class A { }' >src/main/java/A.java; echo "apply plugin: 'java'" >build.gradle
  gradle --offline jar || gradle --offline tasks
  gradle --stop || true
  V=$(version "$(gradle -v | grep Gradle)"); found gradle/caches 'root/.gradle/caches' 'root/.gradle/daemon' 'root/.gradle/native' 'root/.gradle/notifications' 'root/.gradle/wrapper/dists'
}
case_ivy() {
  debian ivy default-jre-headless
  mkdir -p "$S/ivyrepo/org/mod/1.0" && (cd "$S/ivyrepo/org/mod/1.0" && head -c 50000 /dev/urandom >mod-1.0.jar)
  cat >settings.xml <<X
<ivysettings><settings defaultResolver="l"/><resolvers><filesystem name="l"><artifact pattern="$S/ivyrepo/[organisation]/[module]/[revision]/[module]-[revision].[ext]"/></filesystem></resolvers></ivysettings>
X
  java -jar /usr/share/java/ivy.jar -settings settings.xml -dependency org mod 1.0
  V=$(version "$(dpkg-query -W ivy)"); found ivy/cache root/.ivy2/cache
}
case_openjdk() {
  local jdk; jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
  mkdir -p "$R/opt/jdk" && cp -a "$jdk/jmods" "$R/opt/jdk/" && mkdir -p "$R/opt/jdk/lib" && cp -a "$jdk/lib/ct.sym" "$R/opt/jdk/lib/"
  V=$(version "$("$jdk/bin/javac" -version)"); found java/jdk-leftovers 'opt/jdk/jmods/*.jmod' opt/jdk/lib/ct.sym
}
case_jmap() {
  echo 'public class Loop { public static void main(String[] a) throws Exception { Thread.sleep(60000); } }' >Loop.java
  java Loop.java & local pid=$!; sleep 6
  jmap -dump:live,file="$PWD/java_pid1.hprof" "$pid"; kill -SEGV "$pid"; wait "$pid" || true
  rm -f core core.*; V=$(version "$(java -version 2>&1)"); found core/jvm-dumps 'srv/app/*.hprof' 'srv/app/hs_err*'
}
case_gcore() {
  debian gdb
  sleep 60 & local pid=$!; gcore -o core "$pid"; kill "$pid"; V=$(version "$(gdb --version)"); found core/dumps 'srv/app/core.*'
}

## Ruby, PHP
gems() { # a gem, and a source that serves it
  debian ruby ruby-builder
  mkdir -p "$S/gem/lib" "$S/gem/test" && cd "$S/gem" && echo '# A' >lib/a.rb && seq 9000 >lib/data.txt && echo 'assert true' >test/a_test.rb
  cat >a.gemspec <<X
Gem::Specification.new { |s| s.name = 'a'; s.version = '1.0'; s.summary = 'a'; s.authors = ['a']; s.files = Dir['{lib,test}/**/*'] }
X
  gem build a.gemspec && mkdir -p served/gems && cp a-1.0.gem served/gems/ && gem generate_index -d served; cd -
}
case_gem() {
  gems
  gem install --local "$S/gem/a-1.0.gem" --document rdoc,ri --install-dir "$R/var/lib/gems/3.1.0"
  V=$(gem --version); found gem/cache 'var/lib/gems/3.1.0/cache/*.gem'; found gem/docs var/lib/gems/3.1.0/doc; found ruby/tests 'var/lib/gems/3.1.0/gems/a-1.0/test'
}
case_bundler() {
  debian bundler; gems; serve "$S/gem/served"
  printf "source 'http://127.0.0.1:8808'\ngem 'a'\n" >Gemfile
  bundle config set --local path "$R/usr/local/bundle"; bundle install
  V=$(version "$(bundle --version)")
  found gem/cache 'usr/local/bundle/ruby/3.1.0/cache/*.gem' root/.bundle/cache root/.local/share/gem/specs; found ruby/tests 'usr/local/bundle/ruby/*/gems/*/test'
}
case_composer() {
  debian composer unzip zip
  (cd "$S" && rm -rf lib.zip && mkdir -p lib && head -c 90000 /dev/urandom >lib/a.php && cd lib && zip -q ../lib.zip a.php)
  cat >composer.json <<X
{"repositories":[{"type":"package","package":{"name":"v/lib","version":"1.0.0","dist":{"type":"zip","url":"http://127.0.0.1:8808/lib.zip"}}},{"packagist.org":false}],"require":{"v/lib":"1.0.0"},"config":{"secure-http":false}}
X
  serve "$S"
  COMPOSER_ALLOW_SUPERUSER=1 composer install
  V=$(version "$(COMPOSER_ALLOW_SUPERUSER=1 composer --version)"); found composer/cache root/.cache/composer root/.composer/cache
}

## The system's packages
case_apt() {
  mkdir -p "$R"/var/lib/apt/lists/partial "$R"/var/cache/apt/archives/partial "$R"/var/lib/dpkg; cp /var/lib/dpkg/status "$S/status"
  local at="-o Dir::State=$R/var/lib/apt -o Dir::Cache=$R/var/cache/apt -o Dir::State::status=$S/status -o APT::Sandbox::User=root -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin"
  apt-get $at update; apt-get $at install -y --download-only hello sl
  V=$(version "$(apt-get --version)"); found apt/lists 'var/lib/apt/lists/*' '!var/lib/apt/lists/lock'; found apt/archives 'var/cache/apt/archives/*.deb'; found apt/pkgcache 'var/cache/apt/*pkgcache.bin'
}
case_debootstrap() { # logs and old copies that dpkg writes by itself
  debian debootstrap
  debootstrap --variant=minbase --include=hello bookworm "$R/os" >&2
  mv "$R/os/var" "$R/var"; rm -rf "$R/os"; rm -rf "$R/var/lib/apt/lists"
  V=$(version "$(dpkg-query -W debootstrap)"); found apt/archives 'var/cache/apt/archives/*.deb'; found apt/debconf-old 'var/cache/debconf/*-old' 'var/lib/dpkg/*-old'; found apt/logs var/log/dpkg.log var/log/alternatives.log var/log/bootstrap.log 'var/log/apt/*'
}
rpmrepo() {
  debian rpm createrepo-c
  local top=$S/rpm; [ -d "$top/repo" ] && return; mkdir -p "$top/repo"
  cat >"$top/a.spec" <<X
Name: a
Version: 1
Release: 1
Summary: a
License: MIT
BuildArch: noarch
%description
a
%install
mkdir -p %{buildroot}/usr/share/a; head -c 80000 /dev/urandom >%{buildroot}/usr/share/a/a
%files
/usr/share/a
X
  rpmbuild --define "_topdir $top/b" --define "_rpmdir $top/repo" -bb "$top/a.spec"; createrepo_c "$top/repo"
}
case_dnf() {
  rpmrepo; debian dnf
  printf '[l]\nname=l\nbaseurl=http://127.0.0.1:8808/\ngpgcheck=0\n' >"$S/l.repo"
  serve "$S/rpm/repo"
  # Debian's rpm keeps its database in the home directory.
  HOME=$OWN dnf -y --installroot "$R" --releasever 12 --setopt=reposdir="$S" --setopt=keepcache=1 --setopt=cachedir="$R/var/cache/dnf" install a
  V=$(version "$(dnf --version)"); found rpm/cache var/cache/dnf var/lib/dnf/repos
}
case_zypper() {
  rpmrepo; debian zypper
  serve "$S/rpm/repo"
  zypper --root "$R" --non-interactive --no-gpg-checks addrepo --keep-packages http://127.0.0.1:8808/ l
  HOME=$OWN zypper --root "$R" --non-interactive --no-gpg-checks install a
  V=$(version "$(zypper --version)"); found rpm/cache var/cache/zypp
}
case_pacman() {
  debian pacman-package-manager makepkg libarchive-tools zstd
  local repo=$S/pac; rm -rf "$repo"; mkdir -p "$repo/p/usr/share/a" && head -c 70000 /dev/urandom >"$repo/p/usr/share/a/a"
  printf 'pkgname = a\npkgver = 1-1\npkgdesc = a\nbuilddate = 1\nsize = 70000\narch = any\n' >"$repo/p/.PKGINFO"
  (cd "$repo/p" && bsdtar --zstd -cf ../a-1-1-any.pkg.tar.zst .PKGINFO usr); (cd "$repo" && repo-add l.db.tar.gz a-1-1-any.pkg.tar.zst)
  printf '[options]\nArchitecture = auto\nSigLevel = Never\n[l]\nServer = http://127.0.0.1:8808/\n' >"$S/pacman.conf"
  serve "$repo"
  mkdir -p "$R/var/lib/pacman" "$R/var/cache/pacman/pkg"
  pacman --root "$R" --cachedir "$R/var/cache/pacman/pkg" --config "$S/pacman.conf" -Sy --noconfirm a
  V=$(version "$(pacman --version)"); found pacman/cache var/cache/pacman/pkg var/lib/pacman/sync
}
case_py_rattler() { # rattler is the library of pixi and of conda's newer solver
  pypi py-rattler
  local ch=$S/channel; rm -rf "$ch"; mkdir -p "$ch/noarch" "$ch/linux-64" "$ch/p/info" "$ch/p/share/a"; head -c 60000 /dev/urandom >"$ch/p/share/a/a"
  serve "$ch"
  CHANNEL=http://127.0.0.1:8808/ python3 "$here/conda.py" "$ch" "$R/opt/env" || [ -e "$R/opt/env/share/a/a" ];  V=$(of_pypi py-rattler); found conda/pkgs root/.cache/rattler '!root/.cache/rattler/cache/pkgs/*/share' # hard links to the environment
}

## Python
case_pip() { python3 -m venv "$S/venv"; "$S/venv/bin/pip" install --no-binary six --target "$S/lib" six idna; V=$(version "$("$S/venv/bin/pip" --version)"); rm -rf "$S/venv" "$S/lib"; found pip/cache root/.cache/pip; }
case_uv() { pypi uv; uv venv -q "$S/uv" --clear; VIRTUAL_ENV=$S/uv uv pip install --link-mode copy six idna; V=$(version "$(uv --version)"); found uv/cache root/.cache/uv; }
case_poetry() {
  pypi poetry
  printf '[project]\nname="a"\nversion="1"\nrequires-python=">=3.9"\ndependencies=["six"]\n[tool.poetry]\npackage-mode=false\n' >pyproject.toml
  mkdir -p "$S/simple/six" && /usr/bin/env python3 -m pip download -q --no-deps -d "$S/simple/six" six; serve "$S"
  printf '[[tool.poetry.source]]\nname="l"\nurl="http://127.0.0.1:8808/simple/"\npriority="primary"\n' >>pyproject.toml
  poetry install -n; rm -rf "$HOME/.cache/pypoetry/virtualenvs"; V=$(version "$(poetry --version)"); found poetry/cache root/.cache/pypoetry
}
case_pipenv() { pypi pipenv; PIPENV_VENV_IN_PROJECT=1 pipenv install -q --extra-pip-args="--no-binary six" six; rm -rf .venv; V=$(version "$(pipenv --version)"); found pipenv/cache root/.cache/pipenv; found py/tool-caches root/.cache/virtualenv; }
case_pytest() {
  pypi mypy ruff pytest hypothesis tox nox coverage
  printf 'from hypothesis import given, strategies as st\n@given(st.integers())\ndef test_a(n):\n    assert n > 5\n' >test_a.py
  mypy test_a.py || true; ruff check . || true; coverage run -m pytest -q || true; coverage html -q
  printf '[tox]\nskipsdist=true\n[testenv]\nskip_install=true\ncommands=python -c ""\n' >tox.ini; tox -q || true
  rm -rf __pycache__; V=$(version "$(pytest --version)")
  found py/tool-caches srv/app/.mypy_cache srv/app/.ruff_cache srv/app/.pytest_cache srv/app/.hypothesis srv/app/.tox root/.cache/virtualenv; found test/coverage srv/app/.coverage srv/app/htmlcov
}
case_setuptools() {
  pypi setuptools wheel cython
  mkdir -p m; echo 'def f(): return 1' >m/__init__.py; printf 'from setuptools import setup, Extension\nsetup(name="m", version="1", packages=["m"], ext_modules=[Extension("m.c", ["c.c"])])\n' >setup.py
  printf '#include <Python.h>\nstatic struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "c"};\nPyMODINIT_FUNC PyInit_c(void) { return PyModule_Create(&d); }\n' >c.c
  python3 setup.py -q bdist_wheel || python3 setup.py -q build; python3 -m compileall -q m
  V=$(of_pypi setuptools); found py/wheels-left 'srv/app/dist/*.whl'; found py/pycache srv/app/m/__pycache__; found py/egg-build 'srv/app/build/lib.*' 'srv/app/build/temp.*' 'srv/app/build/bdist.*'
}
case_matplotlib() { pypi matplotlib; python3 -c 'import matplotlib.font_manager'; V=$(of_pypi matplotlib); found ml/matplotlib-cache root/.cache/matplotlib; }

## Models
case_huggingface_hub() {
  pypi huggingface_hub
  mkdir -p "$S/hub/model"; head -c 400000 /dev/urandom >"$S/hub/model/weights.bin"; echo '{}' >"$S/hub/model/config.json"; serve "$S/hub"
  HF_ENDPOINT=http://127.0.0.1:8808 HF_HUB_DISABLE_XET=1 python3 -c 'from huggingface_hub import snapshot_download as s; s("a/model")'
  V=$(of_pypi huggingface_hub); found ml/hf-cache root/.cache/huggingface/hub
}
case_nltk() {
  pypi nltk==3.8.1; debian zip
  mkdir -p "$S/nltk/corpora/words" && seq 20000 >"$S/nltk/corpora/words/en" && (cd "$S/nltk/corpora" && rm -f words.zip && zip -qr words.zip words)
  cat >"$S/nltk/index.xml" <<X
<nltk_data><packages><package id="words" name="words" subdir="corpora" unzip="1" size="$(stat -c %s "$S/nltk/corpora/words.zip")" unzipped_size="1" checksum="$(md5sum <"$S/nltk/corpora/words.zip" | cut -c1-32)" url="http://127.0.0.1:8808/corpora/words.zip"/></packages></nltk_data>
X
  serve "$S/nltk"; python3 -c 'import nltk.downloader as d, sys; sys.exit(not d.Downloader("http://127.0.0.1:8808/index.xml").download("words"))'
  V=$(of_pypi nltk); found ml/nltk-zips 'root/nltk_data/corpora/*.zip'
}

## JavaScript
package() { printf '{"name":"a","version":"1.0.0","dependencies":{"left-pad":"1.3.0","ms":"2.1.3"}%s}' "${1:-}" >package.json; }
case_npm() { package; npm install; npm exec --yes -- cowsay@1.6.0 hi >/dev/null; npm no-such-command || true; rm -rf node_modules; V=$(npm --version); found npm/cache root/.npm/_cacache root/.npm/_npx; found npm/logs root/.npm/_logs; }
case_pnpm() { npmjs pnpm; package; pnpm install; rm -rf node_modules; V=$(pnpm --version); found pnpm/store root/.local/share/pnpm/store root/.cache/pnpm; }
case_yarn() { npmjs yarn@1; package; yarn install; rm -rf node_modules; V=$(yarn --version); mkdir -p "$R/usr/local/share"; mv /usr/local/share/.cache "$R/usr/local/share/" ; found yarn/cache root/.cache/yarn 'usr/local/share/.cache/yarn'; }
case_yarn_berry() { npmjs @yarnpkg/cli-dist; package; : >yarn.lock; printf 'enableTelemetry: false\nnodeLinker: node-modules\n' >.yarnrc.yml; yarn install; rm -rf node_modules; V=$(yarn --version); found yarn/cache root/.yarn/berry/cache srv/app/.yarn/cache; }
case_bun() { npmjs bun; package; bun install; rm -rf node_modules; V=$(bun --version); found bun/cache root/.bun/install/cache; }
case_deno() { pypi deno; echo 'import "npm:ms@2.1.3";' >a.ts; deno cache a.ts; V=$(version "$(deno --version)"); found deno/cache root/.cache/deno; }
case_corepack() { npmjs corepack; COREPACK_ENABLE_DOWNLOAD_PROMPT=0 COREPACK_INTEGRITY_KEYS=0 COREPACK_NPM_REGISTRY=$(npm config get registry | sed "s,/$,,") corepack prepare pnpm@9.0.0 --activate; V=$(corepack --version); found node/corepack root/.cache/node/corepack; }
case_parcel() { npmjs parcel; echo '<script type="module" src="a.js"></script>' >index.html; echo 'console.log(1)' >a.js; package; parcel build index.html; rm -rf dist node_modules; V=$(parcel --version); found web/bundler-caches srv/app/.parcel-cache; }
case_webpack() {
  npmjs webpack webpack-cli; package; echo 'console.log(1)' >a.js; mkdir -p src node_modules; mv a.js src/index.js
  echo 'module.exports = { mode: "production", cache: { type: "filesystem" } }' >webpack.config.js; webpack
  V=$(version "$(npm ls --prefix "$js" webpack | grep webpack@)"); found web/bundler-caches srv/app/node_modules/.cache
}
case_next() {
  npmjs next react react-dom; mkdir -p pages; echo 'export default () => <p>a</p>' >pages/index.js; ln -s "$js/node_modules" node_modules; package
  NEXT_TELEMETRY_DISABLED=1 next build --webpack || NEXT_TELEMETRY_DISABLED=1 next build; rm node_modules; V=$(version "$(next --version)"); found web/next-cache srv/app/.next/cache
}
case_node_gyp() {
  npmjs node-gyp; mkdir -p node_modules/addon && cd node_modules/addon && printf '{"targets":[{"target_name":"z","sources":["a.c"]}]}' >binding.gyp
  printf '#include <node_api.h>\nNAPI_MODULE_INIT() { return exports; }\n' >a.c; printf '{"name":"addon","version":"1.0.0"}' >package.json
  node-gyp rebuild --nodedir="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"; V=$(version "$(node-gyp --version)"); found node/gyp-build srv/app/node_modules/addon/build/Release/obj.target '!srv/app/node_modules/addon/build/Release/obj.target/*.node' srv/app/node_modules/addon/build/Release/.deps 'srv/app/node_modules/addon/build/*.target.mk'
}

## Compiled languages
case_cargo() {
  [ ! -f "$OWN/.cargo/config.toml" ] || { mkdir -p "$HOME/.cargo"; cp "$OWN/.cargo/config.toml" "$HOME/.cargo/"; }
  export RUSTUP_HOME=${RUSTUP_HOME:-$OWN/.rustup}; cargo init -q --name a; cargo add -q itoa; cargo build -q; V=$(version "$(cargo --version)")
  found cargo/registry root/.cargo/registry; found rust/target srv/app/target/debug/deps srv/app/target/debug/build srv/app/target/debug/.fingerprint srv/app/target/debug/incremental '!srv/app/target/debug/deps/a-????????????????' # the program, by a hard link
}
case_go() { printf 'module a\ngo 1.19\n' >go.mod; printf 'package main\nimport "fmt"\nfunc main() { fmt.Println("a") }\n' >main.go; go build -o /dev/null .; V=$(version "$(go version)"); found go/buildcache root/.cache/go-build; }
case_go_modules() { # a proxy that is a directory
  local at=$S/goproxy/example.org/m/@v; mkdir -p "$at" "$S/gomod/example.org/m@v1.0.0"; printf 'module example.org/m\n' | tee "$at/v1.0.0.mod" >"$S/gomod/example.org/m@v1.0.0/go.mod"; { echo 'package m'; seq -f '// %g' 9000; } >"$S/gomod/example.org/m@v1.0.0/m.go"
  (cd "$S/gomod" && rm -f "$at/v1.0.0.zip" && zip -qrD "$at/v1.0.0.zip" .); echo '{"Version":"v1.0.0"}' >"$at/v1.0.0.info"; echo v1.0.0 >"$at/list"
  printf 'module a\ngo 1.19\n' >go.mod; GOFLAGS=-mod=mod GONOSUMDB=* GONOSUMCHECK=1 GOSUMDB=off GOPROXY=file://$S/goproxy go get example.org/m@v1.0.0; V=$(version "$(go version)"); found go/modcache root/go/pkg/mod
}
case_ccache() { debian ccache; echo 'int main(void) { return 0; }' >a.c; ccache gcc -g -c a.c; V=$(version "$(ccache --version)"); found ccache/cache root/.cache/ccache; found build/objects srv/app/a.o; }
case_sccache() { debian sccache; echo 'int main(void) { return 0; }' >a.c; SCCACHE_SERVER_PORT=4999 SCCACHE_IDLE_TIMEOUT=20 sccache gcc -c a.c; SCCACHE_SERVER_PORT=4999 sccache --stop-server; rm -f a.o; V=$(version "$(sccache --version)"); found sccache/cache root/.cache/sccache; }
case_cmake() { debian cmake; printf 'cmake_minimum_required(VERSION 3.10)\nproject(a C)\nadd_executable(a a.c)\n' >CMakeLists.txt; echo 'int main(void) { return 0; }' >a.c; cmake -S . -B build; cmake --build build; V=$(version "$(cmake --version)"); found build/cmake srv/app/build/CMakeFiles srv/app/build/CMakeCache.txt; }
case_gcov() { debian lcov; echo 'int main(void) { return 0; }' >a.c; gcc --coverage -o a a.c; ./a; V=$(version "$(gcc --version)"); found test/coverage 'srv/app/*.gcda' 'srv/app/*.gcno'; }
case_cabal() {
  debian cabal-install ghc; local at=$S/hackage; mkdir -p "$at" p-1 && cd p-1 && printf 'cabal-version: 2.4\nname: p\nversion: 1\nbuild-type: Simple\nlibrary\n  exposed-modules: P\n  build-depends: base\n  default-language: Haskell2010\n' >p.cabal && echo 'module P where' >P.hs && cd .. && tar czf "$at/p-1.tar.gz" p-1 && rm -rf p-1
  mkdir -p "$HOME/.cabal"; printf 'repository l\n  url: file+noindex://%s\n' "$at" >"$HOME/.cabal/config"; cabal update || true; cabal get p || true; rm -rf p-1; V=$(version "$(cabal --version)"); found cabal/cache root/.cabal/packages root/.cache/cabal/packages
}
case_opam() {
  debian opam; local at=$S/opam; mkdir -p "$at/packages/a/a.1"; printf 'opam-version: "2.0"\n' >"$at/repo"; mkdir -p "$S/opamsrc/a" && seq 9000 >"$S/opamsrc/a/data" && (cd "$S/opamsrc" && tar czf a.tar.gz a)
  printf 'opam-version: "2.0"\ninstall: ["cp" "data" share]\nurl { src: "http://127.0.0.1:8808/a.tar.gz" checksum: "md5=%s" }\n' "$(md5sum <"$S/opamsrc/a.tar.gz" | cut -c1-32)" >"$at/packages/a/a.1/opam"
  serve "$S/opamsrc"; opam init -y --bare --disable-sandboxing --no-setup -k local l "$at"; opam switch create -y s --empty; opam install -y a
  V=$(opam --version); found opam/cache root/.opam/download-cache root/.opam/repo root/.opam/log 'root/.opam/*/.opam-switch/sources' 'root/.opam/*/.opam-switch/build'
}
case_cpanm() {
  debian cpanminus make; mkdir -p "$S/A-1/lib" && cd "$S/A-1" && printf 'use ExtUtils::MakeMaker; WriteMakefile(NAME => "A", VERSION_FROM => "lib/A.pm");' >Makefile.PL && printf 'package A; our $VERSION = 1; 1;' >lib/A.pm && printf 'Makefile.PL\nlib/A.pm\n' >MANIFEST && cd .. && tar czf A-1.tar.gz A-1
  cpanm -l "$S/perl" "$S/A-1.tar.gz"; V=$(version "$(cpanm --version)"); found cpan/cache root/.cpanm/work root/.cpanm/build.log root/.cpanm/cache
}
case_luarocks() {
  debian luarocks; mkdir -p "$S/rocks/a" && cd "$S/rocks" && echo 'return 1' >a/a.lua && (tar czf a-1.tar.gz a)
  printf 'package = "a"\nversion = "1-1"\nsource = { url = "http://127.0.0.1:8808/a-1.tar.gz", dir = "a" }\nbuild = { type = "builtin", modules = { a = "a.lua" } }\n' >a-1-1.rockspec
  luarocks-admin make_manifest . || luarocks-admin make-manifest .; serve "$S/rocks"; luarocks install --only-server http://127.0.0.1:8808 --tree "$S/luatree" a; V=$(version "$(luarocks --version)"); found luarocks/cache root/.cache/luarocks
}
case_mix() { debian elixir; mkdir -p "$S/mixa/lib" && cd "$S/mixa" && printf 'defmodule A.MixProject do\n use Mix.Project\n def project, do: [app: :a, version: "1.0.0"]\nend\n' >mix.exs && echo 'defmodule A do end' >lib/a.ex && mix archive.build -o a.ez && mix archive.install --force a.ez; V=$(version "$(mix --version | tail -1)"); found mix/archives root/.mix/archives; }
case_r() {
  debian r-base-core; mkdir -p "$S/r/aa/R" "$S/r/src/contrib" && cd "$S/r" && printf 'Package: aa\nVersion: 1.0\nTitle: A\nDescription: A.\nLicense: MIT\nAuthor: a\nMaintainer: a <a@example.com>\n' >aa/DESCRIPTION && echo 'export(f)' >aa/NAMESPACE && echo 'f <- function() 1' >aa/R/f.R && R CMD build aa && mkdir -p src/contrib && mv aa_1.0.tar.gz src/contrib/ && Rscript -e 'tools::write_PACKAGES("src/contrib", type = "source")'
  serve "$S/r"; mkdir -p "$R/tmp" "$S/rlib"; TMPDIR=$R/tmp Rscript -e "install.packages('aa', lib = '$S/rlib', repos = 'http://127.0.0.1:8808', type = 'source', destdir = NULL); system('cp -r $R/tmp $R/kept')"
  rm -rf "$R/tmp"; mv "$R/kept" "$R/tmp"; V=$(version "$(R --version)"); found r/downloads 'tmp/Rtmp*/downloaded_packages'
}

## Version control, and what people leave
case_git() {
  debian git mercurial subversion
  git init -q g; (cd g; echo a >a; git add a; git -c user.name=a -c user.email=a@example.com commit -qm a); hg init h; (cd h; echo a >a; hg add -q a; hg commit -qm a -u a); svnadmin create "$S/svn$$"; svn -q checkout "file://$S/svn$$" s; echo a >s/a; svn -q add s/a; svn -q commit -m a s; rm -rf "$S/svn$$"
  V=$(version "$(git --version)"); found vcs/git-dir srv/app/g/.git; found vcs/hg-dir srv/app/h/.hg; found vcs/svn-dir srv/app/s/.svn
}
case_trash_cli() { pypi trash-cli; seq 9000 >a; trash-put --trash-dir "$HOME/.local/share/Trash" a; V=$(version "$(trash-put --version)"); found user/trash root/.local/share/Trash; }
case_bash() {
  printf 'import readline\nreadline.add_history("a"); readline.write_history_file("%s/.python_history")\n' "$HOME" | python3 -; echo '1' | NODE_REPL_HISTORY=$HOME/.node_repl_history script -qc 'node -i' /dev/null || true
  printf ':q\n' | vim -es -u NONE -c 'set viminfo=%,'"'"'9,n'"$HOME"'/.viminfo' -c wviminfo -c q a || true; HISTFILE=$HOME/.bash_history bash -ic 'history -s make; history -w' || true
  V=$(version "$(bash --version)"); found home/history 'root/.*_history' root/.viminfo
}
case_fontconfig() {
  debian fontconfig fonts-dejavu-core; printf '<fontconfig><dir>/usr/share/fonts</dir><cachedir>%s/var/cache/fontconfig</cachedir></fontconfig>' "$R" >fonts.conf
  FONTCONFIG_FILE=$PWD/fonts.conf fc-cache -f; V=$(version "$(fc-cache --version 2>&1)"); found app/font-cache var/cache/fontconfig
}
case_vim() { debian vim; seq 90000 >a; script -qc "timeout -s KILL 3 vim -u NONE -c 'set swapfile' -c 'norm ix' -c preserve a" /dev/null || true; V=$(version "$(vim --version)"); found editor/junk 'srv/app/.*.swp'; }
case_nyc() { npmjs nyc; echo 'console.log(1)' >a.js; package; nyc --reporter=lcov node a.js; V=$(nyc --version); found test/coverage-report srv/app/coverage; found test/coverage srv/app/.nyc_output; }
case_cpython() { # as `make install` lays it out
  local py; py=$(/usr/bin/env python3 -c 'import sys; print(sys.base_prefix)'); mkdir -p "$R/usr/local/lib" "$R/usr/local/include"; cp -a "$py"/lib/python3.* "$R/usr/local/lib/"; cp -a "$py"/include/python3.* "$R/usr/local/include/"; rm -rf "$R"/usr/local/lib/python3.*/site-packages; find "$R" -name '*.pyc' -delete
  V=$(version "$(/usr/bin/env python3 --version)"); local lib='usr/local/lib/python3.*'
  found py/headers usr/local/include '!usr/local/include/*/pyconfig.h'; found py/static-config "$lib/config-*/libpython*.a" "$lib/config-*/python.o"
  found py/tests-stdlib "$lib/test" "$lib/*/test" "$lib/*/tests" "$lib/idlelib/idle_test" "!$lib/test/support" "!$lib/test/libregrtest" "!$lib/test/__init__.py" $(but_keys usr/local/lib); found secret/test-keys $(keys usr/local/lib); found py/stdlib-gui "$lib/idlelib" "$lib/tkinter" "$lib/turtledemo" "!$lib/idlelib/idle_test" "!$lib/tkinter/test"
}
