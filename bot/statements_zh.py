"""How people tell of themselves in Chinese, and what is noted of it: data for ``noticing``.

What is not certain is left alone: “我叫小李” is a name, “我叫朋友帮忙” is none, so a name needs a surname or the shape of a
pet name. A model may find later what is left; a wrong note stays.
"""

import re

from bot.statement import Rule, rule

HAN = "[\u3400-\u9fff]"
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程魏苏吕丁卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付"
    "邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔汤温康施文牛樊葛邢齐易乔伍庞颜倪庄聂章鲁岳翟申欧耿兰焦俞左柳甘祝包宁"
    "尚符舒阮柯纪梅童凌毕霍涂苗谷盛曲冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶牟艾尤阳穆卓吉缪简芦麦褚娄窦戚岑景党宫费卜席柏宗瞿桂佟臧马"
)
DOUBLE = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|南宫|司徒|端木"
LATIN = "[A-Z][A-Za-z'-]{1,20}(?: [A-Z][A-Za-z'-]{0,20}){0,2}"
PET_NAME = rf"[小老阿大]{HAN}|小?(?P<twice>{HAN})(?P=twice)"
NAME = rf"(?P<name>[{SURNAMES}]{HAN}{{1,2}}|(?:{DOUBLE}){HAN}{{1,2}}|{PET_NAME}|{HAN}{{1,6}}·{HAN}{{1,8}}|{LATIN})"
NO_NAME = re.compile(
    r"^(?:小[心声时孩便票姐说]|老[是实婆公妈爸板师家人]|大[家声人爷哥夫巴概约]|马[上车]|高[兴手中]|高铁.?|安静|方便|金[融额]|白[天费]|万一|何[必时]|文章"
    r"|包子|和[你他她]|于是|华为|温柔|宁静|易[怒懂]|谢谢|(.)\1(?<=爸爸|妈妈|爷爷|奶奶|哥哥|姐姐|弟弟|妹妹|天天|常常|等等|看看|试试|慢慢|快快|轻轻|想想))$"
    r"|[你您他她它们了吗呢的不]|什么"
)
WHERE = rf"(?P<place>(?:{HAN}|[A-Za-z ]){{2,14}}?)"
NO_PLACE = re.compile(
    r"^[这那哪里一过着了的家]|[你您他她它我]|什么|自己|酒店|宾馆|旅馆|旅店|民宿|医院|帐篷|梦|心里|隔壁|附近|一起|对面|楼[上下]|地球|火星|月球"
    r"|宇宙|未来|网上|里面|外面|路上|不|楼$|^新[家房]|装修|拆迁|过年"
)
NOW = "(?:现在|目前|一直|就)?"
VERY = "(?:也|真的?|很|最|特别|超级?|非常|挺|蛮|一直|从小|都|就|还|比较|尤其){0,3}"
THING = r"(?P<thing>\S(?:.{0,14}?\S)?)了?"
NO_THING = re.compile(
    r"^[这那哪谁啥过的得极就死活被我了]|^(?:什么|一个|某|上了|人生|生活|世界|和你|跟你|听你|看你)"
    r"|[你您她他它谁吗呢]|自己|有人|别人|大家|这样|那样|怎么|多少|不$|没有$|的时候$|自杀"
)
JOB = (
    rf"(?P<job>{HAN}{{0,6}}(?:老师|教师|律师|医师|药剂师|厨师|设计师|工程师|会计师?|分析师|摄影师|建筑师|理发师|化妆师|茶艺师|咨询师"
    r"|培训师|程序员|公务员|服务员|售货员|营业员|快递员|外卖员|销售员?|飞行员|运动员|演员|司机|医生|护士|学生|研究生|实习生|高中生|初中生"
    r"|留学生|博士生|硕士生|作家|画家|音乐家|科学家|歌手|警察|消防员|军人|记者|编辑|作者|主播|博主|农民|工人|电工|木工|产品经理|项目经理|客户经理"
    r"|店长|教授|导游|翻译|编剧|导演|保安|保洁|家庭主妇|全职妈妈|全职爸爸|自由职业者))"
)
NO_JOB = re.compile("[你您他她它我们的来说想好坏不假]|未来|以前|管理员|开发者|什么|第一|唯一")
EMPLOYER = rf"(?P<at>(?:{HAN}|[A-Za-z ]){{1,14}}(?:公司|医院|学校|银行|大学|中学|小学|幼儿园|工厂|集团|书店|餐厅|事务所|工作室|研究所|出版社|报社))"
NUMBER = r"(?P<number>[1-9]\d|1[01]\d|[3-9]|[一二三四五六七八九]?十[一二三四五六七八九]?|[三四五六七八九])"
DATE = r"(?P<date>(?:农历|阴历)?(?:\d{4}年)?(?:\d{1,2}|[一二三四五六七八九十正腊]{1,2})月(?:初|廿)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号]?)"
BEAST = "(?:猫咪|猫|狗狗|狗|犬|兔子|兔|鸟|鹦鹉|鱼|仓鼠|龟|蛇|鸡|鸭|龙猫)"
COUNTED = rf"(?P<count>[一两二三四五1-9]?[只条匹头个]?)(?P<animal>[小大黑白花橘黄]{{0,2}}{HAN}{{0,2}}{BEAST})"
PET = rf"(?P<name>{HAN}{{1,4}}|[A-Z]\w{{1,15}})"
NO_PET = re.compile("^声|^[过的]|[你您他她不了的]|什么|^[叫很只在]")
WHEN = "(?<![上每个])(?P<when>明[天早晚]|大?后天|下个?(?:周|星期|礼拜)[一二三四五六日天末]?|(?:这个?|本)?(?:周|星期|礼拜)[一二三四五六日天]|这?个?周末|下个?月)"
PART = "(?P<part>上午|下午|早上|晚上|中午)?"
DOES = r"(?P<does>要|准备|打算|得|计划|有(?=.{0,12}(?:考试|面试|会议|比赛|约会|演出|答辩|课)))(?P<what>\S.{0,29})"
NO_PLAN = re.compile(r"^[是不求么]|[你您]|提醒|叫我|没有|不|到底")

_NICK = "(?:以后|你|您|请|可以|就|都){0,4}叫我"

RULES: tuple[Rule, ...] = (
    rule(rf"我(?:的?(?:名字|大名|全名|中文名)(?:就?是|叫)|名?叫[做作]?)\s?:?\s?{NAME}", "profile", "name", "名字叫{name}", NO_NAME),
    rule(rf"我的?(?:小名|昵称|外号|网名|英文名)[是叫]\s?:?\s?{NAME}", "profile", "nickname", "也叫{name}", NO_NAME),
    rule(rf"{_NICK}{NAME}(?:就|便)(?:好|行|可以|成)了?", "profile", "nickname", "叫{name}就好", NO_NAME),
    rule(rf"{_NICK}(?P<name>[小老阿]{HAN}|{LATIN})吧?", "profile", "nickname", "叫{name}就好", NO_NAME),
    rule(rf"我姓(?P<name>[{SURNAMES}]|{DOUBLE})", "profile", "surname", "姓{name}"),
    rule(rf"我(?:家)?{NOW}住在?{WHERE}", "profile", "home", "住在{place}", NO_PLACE),
    rule(rf"我的?家{NOW}在{WHERE}", "profile", "home", "家在{place}", NO_PLACE),
    rule(rf"我(?:刚刚?|已经|最近)?搬家?[到去来]了?{WHERE}了?", "profile", "home", "搬到{place}", NO_PLACE),
    rule(rf"我来自{WHERE}", "profile", "origin", "来自{place}", NO_PLACE),
    rule(rf"我(?:现在|目前)?是(?:一?[名位个])?{JOB}", "profile", "job", "是{job}", NO_JOB),
    rule(rf"我(?:现在|目前)?是做(?P<job>(?:{HAN}|[A-Za-z]){{1,10}})的", "profile", "job", "做{job}的", re.compile("^[对错梦]|[好你您他她不]")),
    rule(rf"我(?:现在|目前)?在(?:一[家所个间])?{EMPLOYER}(?:工作|上班)", "profile", "job", "在{at}工作", NO_PLACE),
    rule(rf"我的?(?:职业|工作)是(?P<job>(?:{HAN}|[A-Za-z]){{2,14}})", "profile", "job", "工作是{job}", re.compile("^[很谁哪]|[你您不]|什么|管理员")),
    rule(rf"我(?:今年|现在|刚满|已经){NUMBER}周?岁了?", "profile", "age", "{year}年{number}岁"),
    rule(r"我(?P<number>[2-9]\d)周?岁", "profile", "age", "{year}年{number}岁"),
    rule(rf"我{NUMBER}周?岁了", "profile", "age", "{year}年{number}岁"),
    rule(rf"我的?生日[是在]?{DATE}", "profile", "birthday", "生日{date}"),
    rule(r"我最喜?[欢爱]的(?P<of>[^\s是]{1,8})是(?P<thing>\S.{0,12})", "preference", "favourite:{of}", "最喜欢的{of}是{thing}", NO_THING),
    rule(rf"我{VERY}(?:喜欢|喜爱|热爱|最爱|爱(?=[吃喝看听玩]))\s?{THING}", "preference", "taste:{topic}", "喜欢{thing}", NO_THING),
    rule(rf"我{VERY}(?:不太?喜欢|不怎么喜欢|并不喜欢|讨厌|不爱(?=[吃喝看听玩]))\s?{THING}", "preference", "taste:{topic}", "不喜欢{thing}", NO_THING),
    rule(rf"我(?:家里?)?养了?{COUNTED}", "relation", "pet:{species}", "养了{count}{animal}", NO_PET),
    rule(rf"我(?:家里?)?养了?{COUNTED},?它?(?:的?名字|名)?叫{PET}", "relation", "pet:{species}", "养了{count}{animal}叫{name}", NO_PET),
    rule(rf"我(?:家里?)?(?:养了?|有)(?P<count>[一两二三四五1-9]?[只条匹头个]?)叫{PET}的(?P<animal>[小大黑白花橘黄]{{0,2}}{BEAST})", "relation", "pet:{species}", "养了{count}{animal}叫{name}", NO_PET),
    rule(rf"我(?:家的?|的|养的)(?P<animal>{BEAST})(?:的?名字)?(?:名?叫|是叫)做?{PET}", "relation", "pet:{species}", "{animal}叫{name}", NO_PET),
    rule(rf"我们?{WHEN}{PART}{DOES}", "plan", "", "{when}{part}{does}{what}", NO_PLAN),
    rule(rf"{WHEN}{PART}我们?{DOES}", "plan", "", "{when}{part}{does}{what}", NO_PLAN),
)  # fmt: skip
