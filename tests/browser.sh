#!/usr/bin/env bash
# Sees to it that the page's tests find a browser and Chinese letters; installs both where it may, else says the mend.
set -euo pipefail

[ "${ZHIYIN_TEST_BROWSER:-}" = off ] && exit 0

browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
letters() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh)" ]; }

browser && letters && exit 0

packages="chromium fontconfig fonts-noto-cjk fonts-noto-color-emoji"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "正在安装测试用的浏览器和字体 / installing the tests' browser and fonts: $packages …"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  if { apt-get update -qq && apt-get install -qq -y --no-install-recommends $packages; } >"$log" 2>&1 && browser && letters; then
    exit 0
  fi
  tail -n 20 "$log" >&2
fi
cat >&2 <<MEND
测试需要 Chromium 和中文字体。请运行：sudo apt-get install $packages；或设置 ZHIYIN_TEST_BROWSER=off 跳过页面测试。
The tests need Chromium and Chinese fonts. Run: sudo apt-get install $packages; or set ZHIYIN_TEST_BROWSER=off to skip the page's tests.
MEND
exit 1
