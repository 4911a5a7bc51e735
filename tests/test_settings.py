"""Settings: the shipped file is the defaults, later sources go before earlier ones, and all mistakes are told at once."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from bot import logs, settings, yamlfile
from bot.faults import Faults
from bot.schemas import schemas
from bot.settings import ChannelSettings, Settings
from bot.validation import keys

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one persona and the shipped settings."""
    (tmp_path / "config").mkdir()
    (tmp_path / "persona" / "ayin").mkdir(parents=True)
    (tmp_path / "config" / "zhiyin.yaml").write_bytes((ROOT / "config" / "zhiyin.yaml").read_bytes())
    return tmp_path


def local(root: Path, text: str) -> None:
    (root / "config" / "local.yaml").write_text(text, encoding="utf-8")


def refused(root: Path, environ: Mapping[str, str] | None = None) -> str:
    """What the operator is told."""
    with pytest.raises(Faults) as caught:
        settings.load(root, environ or {})
    return str(caught.value)


def paths(model: type[BaseModel], *steps: str) -> list[str]:
    """Every key of the settings, as a path."""
    found: list[str] = []
    for key in keys(model, steps):
        below = paths(model, *steps, key)
        found += below or [".".join((*steps, key))]
    return found


def filled(data: object, *steps: str) -> set[str]:
    """Every key that a file mentions."""
    if isinstance(data, dict) and data:
        return {path for key, value in data.items() for path in filled(value, *steps, key)}
    return {".".join(steps)}


def test_the_shipped_file_is_the_defaults(root: Path) -> None:
    loaded = settings.load(root, {})
    assert loaded.data.dir == root / "data"
    assert loaded.model_copy(update={"data": Settings().data}) == Settings()


def test_the_shipped_file_names_every_key() -> None:
    document = yamlfile.parse((ROOT / "config" / "zhiyin.yaml").read_text(encoding="utf-8"), "zhiyin.yaml")
    named = {".".join(map(str, steps)) for steps in document.places}
    assert [path for path in paths(Settings) if path not in named] == []
    assert filled(document.data) <= set(paths(Settings))


def test_without_any_file_the_defaults_hold(root: Path) -> None:
    (root / "config" / "zhiyin.yaml").unlink()
    assert settings.load(root, {}).web == Settings().web


def test_local_goes_before_shipped_and_the_environment_before_both(root: Path) -> None:
    local(root, "web: {port: 9000, visitors: link}\nbrain:\n  models: [a, b]\nlimits:\n")
    loaded = settings.load(root, {"ZHIYIN_WEB__PORT": "9001", "zhiyin_brain__max_tokens": "99", "HOME": "/"})
    assert (loaded.web.port, loaded.web.visitors, loaded.web.host) == (9001, "link", "127.0.0.1")
    assert (loaded.brain.models, loaded.brain.max_tokens) == (("a", "b"), 99)


@pytest.mark.parametrize("written", ["x, y", "[x, y]", "x,y,"])
def test_lists_in_the_environment(root: Path, written: str) -> None:
    assert settings.load(root, {"ZHIYIN_BRAIN__MODELS": written}).brain.models == ("x", "y")


def test_settings_cannot_be_changed(root: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.load(root, {}).web.port = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_variables_of_the_tests_are_none_of_its_business(root: Path) -> None:
    assert settings.load(root, {"ZHIYIN_TEST_BROWSER": "off"}).web == Settings().web


def test_secrets_from_text_environment_and_file(root: Path) -> None:
    (root / "config" / "key.txt").write_text("sk-file\n")
    local(
        root,
        "brain: {api_key: {env: MY_KEY}}\nvoice: {api_key: {file: key.txt}}\nweb: {password: 0123}\n",
    )
    loaded = settings.load(root, {"MY_KEY": "sk-env"})
    assert loaded.brain.api_key == SecretStr("sk-env")
    assert loaded.voice.api_key == SecretStr("sk-file")
    assert loaded.web.password == SecretStr("0123")


def test_a_channels_own_secrets_are_hidden_too(root: Path) -> None:
    local(root, "channels:\n  gzh: {kind: official, app_id: wx1, secret: abc}\n")
    shop = settings.load(root, {"ZHIYIN_CHANNELS__GZH__TOKEN": "t0k"}).channels["gzh"]
    wanted = {"kind": "official", "app_id": "wx1", "secret": "abc", "token": "t0k"}
    assert shop == ChannelSettings.model_validate(wanted)
    assert "abc" not in repr(shop)
    assert "t0k" not in repr(shop)


def test_a_kinds_own_keys_are_checked_with_their_line(root: Path) -> None:
    local(root, "channels:\n  gzh:\n    kind: official\n    app_idd: wx1\n")
    told = refused(root, {})
    assert "config/local.yaml:4" in told
    assert "channels.gzh.app_idd" in told
    assert "app_id" in told


@pytest.mark.parametrize("words", ["AI", "由机器生成", ""])
def test_a_label_says_all_that_the_law_asks_for(root: Path, words: str) -> None:
    assert "GB 45438" in refused(root, {"ZHIYIN_LABEL__WORDS": words})
    assert settings.load(root, {"ZHIYIN_LABEL__WORDS": words, "ZHIYIN_LABEL__TEXT": "off"}).label.text == "off"


def test_a_channel_made_in_the_environment(root: Path) -> None:
    loaded = settings.load(root, {"ZHIYIN_CHANNELS__HALL__KIND": "page", "ZHIYIN_CHANNELS__HALL__PERSONA": "ayin"})
    assert loaded.channels["hall"].persona == "ayin"


def test_every_mistake_is_told_at_once_with_line_value_and_mend(root: Path) -> None:
    local(
        root,
        "web:\n  prot: 8080\n  port: 70000\nbrain:\n  kind: opneai\n  max_tokens: many\nlanguage: fr\n"
        "persona: ayn\nvoice: loud\nchannels:\n  x: {persona: ayin}\n",
    )
    told = refused(root, {"ZHIYIN_WEB__HOST": "0.0.0.0", "ZHIYIN_DATA__MAX_GB": "-1"})
    assert told.startswith("有 10 处要改 / 10 things to mend:")
    for where, what, mend in (
        ("config/local.yaml:2", 'web.prot = "8080"', "是不是 port"),
        ("config/local.yaml:3", 'web.port = "70000"', "65535"),
        ("config/local.yaml:5", 'brain.kind = "opneai"', "There is no such kind"),
        ("config/local.yaml:6", 'brain.max_tokens = "many"', "这里要写整数"),
        ("config/local.yaml:7", 'language = "fr"', "可以写：zh、en"),
        ("config/local.yaml:8", 'persona = "ayn"', "Did you mean ayin?"),
        ("config/local.yaml:9", 'voice = "loud"', "kind, endpoint"),
        ("config/local.yaml:11", "channels.x.kind", "缺少这一项"),
        ("ZHIYIN_WEB__HOST", 'web.host = "0.0.0.0"', "web.password"),
        ("ZHIYIN_DATA__MAX_GB", 'data.max_gb = "-1"', "要大于 0"),
    ):
        place, _, words = told.partition(f"{where}  {what}\n")[0:3]
        assert words, f"{where} {what} is not in\n{told}"
        assert mend in words.partition("\n\n")[0], f"{where}: {words}"
        assert place


def test_secrets_are_never_printed(root: Path) -> None:
    local(
        root,
        "brain:\n  api_key: [sk-canary-1]\n  api_kye: sk-canary-2\nweb:\n  passwrod: canary3\nvoice:\n"
        "  model: {env: LOUD}\n  parallel: {env: MANY}\ndata: {ky: sk-proj-0123456789abcdefXYZ}\n"
        "ear: {kind: {file: /nowhere/canary4}}\nlips: {kind: {env: canary5}}\n",
    )
    told = refused(root, {"LOUD": "tts", "MANY": "canary6", "ZHIYIN_VOICE__API_KEYS": "canary7"})
    assert "canary" not in told
    assert "0123456789abcdef" not in told
    for field in (
        "brain.api_key",
        "brain.api_kye = •••",
        "web.passwrod = •••",
        "voice.parallel = •••",
        "ear.kind",
        "lips.kind",
    ):
        assert field in told


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("web:\n\tport: 1\n", 2, "Tab"),
        ("web: &a {port: 1}\ndata: *a\n", 1, "锚点"),
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, "锚点"),
        ("web:\n  port: 1\n  port: 2\n", 3, "写了两次"),
        ("persona：ayin\nlanguage: zh\n", 1, "英文冒号"),
        ("persona：ayin\n", 1, "英文冒号"),
        ("- web\n", 1, "键: 值"),
        ("web: !!python/object:os.system x\n", 1, "标签"),
        ("web: {}\n---\nweb: {}\n", 2, "一份内容"),
        ("web: 'x\nport: 1\n", 1, "引号没有合上"),
        ("web:\n  port: 1\n host: x\n", 3, "缩进"),
        ("web: " + "[" * 3000, 1, "嵌套"),
        ("? [a]\n: 1\n", 1, "键只能是一个词"),
        ("web: \x07\n", 1, "控制字符"),
    ],
)  # fmt: skip
def test_yaml_that_is_not_plain_data(root: Path, text: str, line: int, word: str) -> None:
    local(root, text)
    told = refused(root)
    assert re.search(rf"config/local\.yaml:{line}\b.*\n.*{word}", told), told


def test_a_file_that_is_no_text(root: Path) -> None:
    (root / "config" / "local.yaml").write_bytes(b"\xff\xfe\x00\x80web")
    assert "config/local.yaml" in refused(root)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_this_machine_needs_no_password(root: Path, host: str) -> None:
    assert settings.load(root, {"ZHIYIN_WEB__HOST": host}).web.host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "ayin.local"])
def test_anything_wider_needs_one(root: Path, host: str) -> None:
    assert "web.password" in refused(root, {"ZHIYIN_WEB__HOST": host})
    assert settings.load(root, {"ZHIYIN_WEB__HOST": host, "ZHIYIN_WEB__PASSWORD": "pw"}).web.host == host


@pytest.mark.parametrize("kind", ["voice", "ear"])
def test_voice_and_ear_may_be_none(root: Path, kind: str) -> None:
    assert settings.load(root, {f"ZHIYIN_{kind.upper()}__KIND": "none"})
    assert "brain.kind" in refused(root, {"ZHIYIN_BRAIN__KIND": "none"})


def test_a_persona_of_the_operators_own_is_found(root: Path) -> None:
    (root / "data" / "persona" / "mia").mkdir(parents=True)
    assert settings.load(root, {"ZHIYIN_PERSONA": "mia"}).persona == "mia"
    assert "mia" in refused(root, {"ZHIYIN_PERSONA": "../data"})


def test_the_editors_schemas_are_those_of_the_models() -> None:
    """When this fails: python -m bot.schemas."""
    for path, text in schemas().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, path


def test_pages_of_listed_origins_may_hold_ours(root: Path) -> None:
    local(root, "web:\n  embed: [https://www.example.com, 'https://shop.example:8443', http://localhost:3000]\n")
    assert settings.load(root, {}).web.embed[1] == "https://shop.example:8443"
    assert settings.load(root, {"ZHIYIN_WEB__EMBED": "https://a.example"}).web.embed == ("https://a.example",)


@pytest.mark.parametrize(
    "origin",
    [
        "*", "https://*", "https://*.example.com", "www.example.com", "http://www.example.com", "https://example.com/", "https://example.com/shop",
        "https://Example.com", "https://a.example; script-src *", "https://a.example https://b.example", "javascript:1", "null", "'self'",
    ],
)  # fmt: skip
def test_an_origin_is_written_whole(root: Path, origin: str) -> None:
    local(root, f'web:\n  embed:\n    - https://right.example\n    - "{origin}"\n')
    told = refused(root, {})
    assert "config/local.yaml:4" in told
    assert "https://域名" in told
    assert "right.example" not in told


SHOP = "tools:\n  mcp:\n    shop:\n      "


def test_a_server_of_tools_as_a_program_or_an_address(root: Path) -> None:
    (root / "config" / "key.txt").write_text("Bearer sk-file\n")
    (root / "shop").mkdir()
    local(
        root,
        "tools:\n  mcp:\n    shop: {command: [npx, -y, shop], cwd: shop, env: {KEY: {env: MY_KEY}, LEVEL: 3}}\n"
        "    far: {url: 'https://mcp.example.com/mcp', headers: {Authorization: {file: key.txt}}, allow: [find]}\n",
    )
    servers = settings.load(root, {"MY_KEY": "sk-env"}).tools.mcp
    assert servers["shop"].command == ("npx", "-y", "shop")
    assert servers["shop"].cwd == root / "shop"
    assert servers["shop"].env == {"KEY": SecretStr("sk-env"), "LEVEL": SecretStr("3")}
    assert servers["far"].headers == {"Authorization": SecretStr("Bearer sk-file")}
    assert servers["far"].allow == ("find",)
    assert {"sk-env", "Bearer sk-file"} <= logs.secrets(settings.load(root, {"MY_KEY": "sk-env"}), {})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("{}", 3, "只能写一个"),
        ("{command: [x], url: 'http://a.example'}", 3, "只能写一个"),
        ("{command: [x], headers: {A: b}}", 3, "headers 只用于 url"),
        ("{url: 'http://a.example', env: {A: b}}", 3, "只用于 command"),
        ("{command: x}", 4, "这里要写列表"),
        ("{command: ['', x]}", 4, "第一项要写程序名"),
        ("{url: 'file:///etc/canary'}", 3, "http://"),
        ("{url: 'https://me:canary@a.example'}", 3, "headers"),
        ("{url: 'https://a.example:x/?key=canary'}", 3, "https://"),
        ('{url: "http://a.example", headers: {A: "canary\\nB: c"}}', 4, "ASCII"),
        ("{url: 'http://a.example', headers: {'A B': canary}}", 4, "ASCII"),
        ('{command: [x], env: {A: "canary\\0"}}', 4, "NUL"),
        ("{command: [x], env: {A: {env: NOWHERE}}}", 4, "环境变量没有设置"),
        ("{command: [x], env: {A: [canary]}}", 4, "这里要写一段文字"),
        ("{command: [x], trust: [t], confirm: [t]}", 3, "留下一个"),
        ("{command: [x], call_s: 21}", 4, "tools.call_s（20 秒）"),
        ("{command: [x], cwd: nowhere}", 4, "没有这个文件夹"),
        ("{command: [x], comand: [y]}", 4, "是不是 command"),
    ],
)
def test_a_server_of_tools_written_wrong(root: Path, text: str, line: int, words: str) -> None:
    local(root, SHOP + text)
    told = refused(root)
    assert re.search(rf"config/local\.yaml:{line}\b.*tools\.mcp\.shop", told), told
    assert words in told
    assert "canary" not in told


@pytest.mark.parametrize("name", ["Shop", "a__b", "a_", "店", "x" * 21, "-a"])
def test_the_name_of_a_server_of_tools(root: Path, name: str) -> None:
    local(root, f"tools:\n  mcp:\n    {name}: {{command: [x]}}\n")
    assert "名字最多 20 个字符" in refused(root)
    local(root, "tools:\n  mcp:\n    a-b_c9: {command: [x]}\n")
    assert "a-b_c9" in settings.load(root, {}).tools.mcp


def test_a_server_of_tools_made_in_the_environment(root: Path) -> None:
    loaded = settings.load(root, {"ZHIYIN_TOOLS__MCP__SHOP__COMMAND": "python3, -m, shop", "ZHIYIN_TOOLS__ROUNDS": "2"})
    assert loaded.tools.mcp["shop"].command == ("python3", "-m", "shop")
    assert loaded.tools.rounds == 2
