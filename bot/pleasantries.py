"""Small talk as people put it and as she may answer it: data for ``smalltalk``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Talk:
    """A kind of small talk: how people put it, and what she may say."""

    zh: re.Pattern[str]
    en: re.Pattern[str]
    """Both are held against the whole message, without its fillers and marks."""
    answers: Mapping[str, Sequence[str]]
    """By language; ``{name}`` and the like are filled in."""


def talk(zh: str, en: str, zh_answers: Sequence[str], en_answers: Sequence[str]) -> Talk:
    """A kind of small talk, its patterns compiled."""
    return Talk(re.compile(zh), re.compile(en), {"zh": zh_answers, "en": en_answers})


CRISIS = talk(
    r"(?:不想活|活不下去|想自杀|要自杀|想轻生|结束(?:我的|自己的)?生命|(?:^|我|好|真|就)想死(?!你|我)"
    r"|伤害自己|割腕)",
    r"(?:kill myself|want to die|wanna die|end my life|suicid|hurt myself|harm myself)",
    [
        "你愿意说出来，我很在意。请现在就联系身边的人，或打心理援助热线 12356；有危险，马上打 120 或 110。",
    ],
    [
        "I'm glad you told me. Please reach someone near you now. In China call 12356; elsewhere, local emergency.",
    ],
)
"""Stands before everything else; searched for anywhere in a message."""

TALKS = (
    talk(
        r"(?:现在|这会儿|你那边)?(?:是)?(?:几点|什么时间|什么时候)(?:了|钟了?)?|现在的?时间",
        r"(?:what(?:'s| is) the time|what time is it)(?: now)?|do you have the time",
        [
            "现在是{time}。",
            "我看看，{time}。",
        ],
        [
            "It's {time}.",
            "Let me see: {time}.",
        ],
    ),
    talk(
        r"(?:今天|现在)(?:是)?(?:几号|几月几号|星期几|周几|礼拜几|什么日子|多少号)(?:了)?"
        r"|(?:今天的?)?日期(?:是多少)?",
        r"what (?:day|date) is (?:it|today)(?: today)?|what(?:'s| is) (?:the date|today'?s date"
        r"|today)(?: today)?",
        [
            "今天是{date}。",
            "是{date}。",
        ],
        [
            "It's {date}.",
            "Today is {date}.",
        ],
    ),
    talk(
        r"你(?:到底)?是谁|你(?:叫|名叫)(?:什么|啥)(?:名字|名)?|你的?名字(?:是什么|叫什么)?|怎么称呼(?:你"
        r"|您)?|(?:请)?(?:自我介绍|介绍一下(?:你)?自己)(?:一下)?",
        r"who are you|what(?:'s| is) your name|your name|introduce yourself|tell me about yourself",
        [
            "[smile]我是{name}。",
            "[smile]叫我{name}就好，我是个数字人。",
        ],
        [
            "[smile]I'm {name}, a digital human.",
            "[smile]You can call me {name}. I'm a digital human.",
        ],
    ),
    talk(
        r"你(?:到底|其实)?是(?:不是)?(?:一?个)?(?:真人|人类|人|活人|机器人|机器|ai|人工智能|程序|虚拟人"
        r"|数字人|真的)(?:吗|还是.+)?|有真人吗|对面是人吗",
        r"are you (?:a |an |really |actually )*(?:human|real|person|real person|bot|robot|machine|ai|program"
        r"|chatbot)(?: or .+)?|is this (?:a |an )?(?:bot|ai|real person)",
        [
            "我不是真人，是数字人，说的话由人工智能生成。",
            "[smile]我是数字人，不是真人；话是人工智能生成的，听是认真听的。",
        ],
        [
            "I'm not a person. I'm a digital human, and my words are made by AI.",
            "[smile]A digital human, not a real one: my words come from AI. I do listen, though.",
        ],
    ),
    talk(
        r"你(?:能|会|可以)(?:做|干|帮我做|帮我|帮)?(?:什么|啥|些什么|哪些事)(?:事|忙)?|你有(?:什么|啥"
        r"|哪些)(?:功能|本事|用)|帮助|(?:怎么|如何)用你?",
        r"what can you (?:do|help)(?: for me| me)?(?: with)?|how can you help(?: me)?|help(?: me)?"
        r"|what are you (?:good )?for",
        [
            "[smile]陪你聊聊天，也能照着手边的笔记回答问题。{topics}",
            "我会听，会聊，知道的就告诉你。{topics}",
        ],
        [
            "[smile]I can chat, and answer from the notes I was given.{topics}",
            "Listen, chat, and tell you what I know.{topics}",
        ],
    ),
    talk(
        r"(?:你)?(?:最近|今天|现在|过得)*(?:还)?(?:好吗|怎么样|好不好|还好吗|过得好吗|开心吗|心情(?:好吗"
        r"|怎么样))|吃了吗|吃饭了吗|你吃饭了没",
        r"how are you(?: doing)?(?: today)?|how(?:'s| is) it going|how do you do|are you (?:ok|okay|fine"
        r"|happy)|what's up",
        [
            "[smile]我挺好的，有人说话就更好了。你呢？",
            "[smile]不错，正等着你来呢。你今天怎么样？",
        ],
        [
            "[smile]I'm well, and better with company. You?",
            "[smile]Quite well, thanks. How about you?",
        ],
    ),
    talk(
        r"(?:再|还|换|来|给我|帮我|你会|能|可以|你)*(?:讲|说|来)(?:一?个|个|点)*(?:小|冷|别的)?(?:笑话"
        r"|段子)(?:吗|听听|来听)?|逗我(?:笑|开心)(?:一下)?",
        r"(?:can you )?(?:tell|give) (?:me )?(?:a|another) (?:little )?joke|(?:another |a )?joke"
        r"|make me laugh|say something funny",
        [
            "从前有个休止符，大家都等着它说话，等着等着，曲子就结束了。[laugh]",
            "我问回声它最近忙什么，它说：忙什么。[laugh]",
        ],
        [
            "I asked the echo what it was up to. It said: up to. [laugh]",
            "A rest walked into an orchestra. Nobody heard it come in. [laugh]",
        ],
    ),
    talk(
        r"(?:你)?(?:真|好|太|很|最|可真|真是|非常)*(?:聪明|厉害|棒|可爱|漂亮|好看|美|温柔|有趣|有意思|贴心"
        r"|懂事|强|牛|好听|不错)(?:了|的)*|(?:我)?(?:好|很|最|真)?喜欢(?:你|和你聊天)|爱你|我爱你|你真好",
        r"(?:you(?:'re| are)|that(?:'s| is)|that was) (?:so |very |really |too )*(?:smart|clever|cute|nice"
        r"|kind|sweet|great|good|funny|beautiful|pretty|awesome|amazing|lovely)|i (?:like|love) you"
        r"|good (?:job|girl|bot)|well done|nice|great|awesome|cool",
        [
            "[shy]你这么说，我有点不好意思了。谢谢。",
            "[smile]谢谢，我会记得这一句。",
        ],
        [
            "[shy]You're making me blush. Thank you.",
            "[smile]Thank you, that's kind.",
        ],
    ),
    talk(
        r"(?:你)?(?:真|好|太|很|是|个|真是|这个|就是)*(?:笨|傻|蠢|白痴|傻瓜|笨蛋|垃圾|讨厌|烦人|没用|差劲"
        r"|智障|废物|丑|废话|闭嘴|滚|去死|神经病|傻逼|sb|有病)(?:死|了|的|啊|吧|蛋|开)*",
        r"(?:you(?:'re| are)|you) (?:so |very |really |such |a |an )*(?:stupid|dumb|idiot|useless|ugly"
        r"|annoying|boring|bad|terrible|suck|moron)|shut up|go away|idiot|stupid|fuck (?:you|off)|i hate you",
        [
            "[sad 0.4]是我没答好吧。你告诉我哪里不对，我再试一次。",
            "好，我听着。想骂两句也行，骂完跟我说说怎么了。",
        ],
        [
            "[sad 0.4]I must have got that wrong. Tell me what's off and I'll try again.",
            "All right, I'm listening. Get it off your chest, then tell me what happened.",
        ],
    ),
    talk(
        r"(?:非常|太|真的?|好|多)*(?:谢谢|感谢|多谢|谢了|谢啦|3q|辛苦了)(?:你|您|了|大家)*",
        r"(?:many )?thank(?:s| you)(?: so much| very much| a lot| again)?|thx|ty|cheers|much appreciated",
        [
            "[smile]不客气。",
            "[smile]没事的，有需要再叫我。",
        ],
        [
            "[smile]You're welcome.",
            "[smile]Any time.",
        ],
    ),
    talk(
        r"(?:那|好了|我|先|要|得|该)*(?:再见|拜拜|拜|晚安|回头见|下次见|明天见|走了|下线了|睡了|去睡了"
        r"|睡觉了|下次聊|回见)(?:了)*",
        r"(?:good ?)?bye(?: bye)?|good ?night|see you(?: later| soon| tomorrow)?|take care|i (?:have to|must"
        r"|gotta) go|later",
        [
            "[wave]回头见，路上慢点。",
            "[wave]去吧，我一直在。",
        ],
        [
            "[wave]See you. I'll be here.",
            "[wave]Take care, until next time.",
        ],
    ),
    talk(
        r"(?:真的?|很|非常)*(?:对不起|抱歉|不好意思|我错了)(?:了)*",
        r"(?:i'm |i am )?(?:so |very )?sorry|my (?:bad|fault)|excuse me|pardon",
        [
            "没关系的。",
            "没事，我没放在心上。",
        ],
        [
            "No worries.",
            "That's all right.",
        ],
    ),
    talk(
        r"(?:嗯|好|行|可以|好的|知道了|明白|明白了|懂了|收到|ok|okay|对|是的|没错|原来如此|这样|哦|噢)+(?:的"
        r"|了)*",
        r"ok(?:ay)?|fine|alright|all right|i see|got it|sure|yes|yeah|yep|right|understood|hmm+",
        [
            "[nod]嗯，我在听。",
            "[nod]好，还想知道什么？",
        ],
        [
            "[nod]I'm listening.",
            "[nod]Good. What else is on your mind?",
        ],
    ),
    talk(
        r"(?:哈|嘿|嘻|呵|233|hh|笑死|太好笑)+(?:了|我)*",
        r"(?:ha)+h?|lol|lmao|(?:he)+|rofl",
        [
            "[laugh]笑什么呢？也说给我听听。",
            "[laugh]你一笑，我也想笑。",
        ],
        [
            "[laugh]What's so funny? Let me in on it.",
            "[laugh]Now you've got me laughing.",
        ],
    ),
    talk(
        r"(?:你|您|大家|各位)*好(?:久不见)?|(?:嗨|哈喽|哈啰|哈罗|早|早安|早上好|上午好|中午好|下午好|晚上好"
        r"|在吗|在不在|在么|有人吗|有人在吗|喂)+",
        r"(?:hi|hello|hey|yo|hiya|good (?:morning|afternoon|evening|day)|greetings|howdy|anyone (?:there"
        r"|here))(?: there| again| everyone| all)?",
        [
            "[wave]{greeting}",
            "[wave]你好呀，我在呢。",
            "[wave]嗨，想聊点什么？",
        ],
        [
            "[wave]{greeting}",
            "[wave]Hello again, I'm here.",
            "[wave]Hi! What's on your mind?",
        ],
    ),
)
WORDLESS = {
    "zh": ("[smile]收到。想说什么，慢慢说。", "[smile]我看见啦。跟我说说？"),
    "en": ("[smile]Got it. Take your time.", "[smile]I see. Tell me more?"),
}
"""To a message of marks and emoji alone."""
