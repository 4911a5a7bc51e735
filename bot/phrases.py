"""What she says when there is nothing to think about: apologies, limits, notices. Chinese first."""

import re

from bot.persona import Bilingual

APOLOGY = Bilingual(
    zh="哎呀，我刚刚走神了，没能把话想完整。过一会儿再跟我说一次，好吗？",
    en="Sorry, I lost my train of thought there. Could you say that again in a moment?",
)
BROKEN_OFF = Bilingual(zh="……抱歉，说到一半卡住了。", en=" … sorry, I got stuck half-way.")
NOTES_ONLY = Bilingual(
    zh="（我现在联系不上大脑，先凭手边的笔记回答你。）",
    en="(I can't reach my brain right now, so this is from my notes.)",
)
TOO_LONG = Bilingual(
    zh="一条消息最多 {limit} 个字，请分成几条发给我。",
    en="A message may have {limit} characters; please send it in parts.",
)
TOO_FAST = Bilingual(
    zh="你发得太快啦，我有点跟不上。请稍等一会儿再发。", en="That's a bit too fast for me. Please wait a moment."
)
ENOUGH_TODAY = Bilingual(
    zh="今天我们聊得够多啦，明天再继续吧。", en="We have talked a lot today. Let's go on tomorrow."
)
BUSY = Bilingual(
    zh="现在找我的人有点多，请过一会儿再试。", en="I'm busy with many people right now. Please try again in a moment."
)
NO_ROOM = Bilingual(
    zh="我的本子写满了，暂时记不下新消息。请稍后再试。",
    en="My notebook is full, so I can't take new messages. Please try again later.",
)
CLOSING = Bilingual(
    zh="我正要休息一下，马上回来，请稍后再发。", en="I'm about to take a short break. Please send it again in a moment."
)

# About what was sent

NO_EAR = Bilingual(
    zh="我这里还没装耳朵，听不了语音，打字告诉我吧。",
    en="I have no ears set up here, so I can't listen to voice notes. Please type it to me.",
)
UNHEARD = Bilingual(
    zh="这条语音我没听清，能再说一次，或者打字告诉我吗？",
    en="I couldn't make out that voice note. Could you say it again, or type it?",
)
DEAF = Bilingual(
    zh="耳朵这会儿不听使唤，没听到你刚才说的，打字告诉我吧。",
    en="My ears are out of order just now and missed what you said. Please type it to me.",
)
NO_EARS_FREE = Bilingual(
    zh="现在同时说话的人太多，我听不过来，打字告诉我吧。",
    en="Too many people are talking at once, so I can't listen. Please type it to me.",
)
TOO_LONG_NOTE = Bilingual(
    zh="这条语音太长啦，我听不完，分成几条短的发给我吧。",
    en="That voice note is too long for me. Please send it in shorter pieces.",
)
UNREADABLE = Bilingual(
    zh="这个我打不开，可能是坏了，换一种格式再发一次吧。",
    en="I can't open that one; it may be broken. Please try another format.",
)
LOST = Bilingual(
    zh="刚才发来的东西我没收到，再发一次好吗？", en="What you sent didn't reach me. Could you send it again?"
)
TOO_BIG = Bilingual(zh="这个文件太大了，我收不下。", en="That file is too big for me.")
UNKNOWN_KIND = Bilingual(
    zh="这种消息我还看不懂，发文字、语音或图片给我吧。",
    en="I can't read that kind of message yet. Please send text, a voice note or a picture.",
)
FILE = Bilingual(zh="收到文件《{name}》（{size}）。", en="I got your file “{name}” ({size}).")
UNREAD_FILE = Bilingual(
    zh="里面的内容我还读不了，说说你想让我做什么吧。", en="I can't read what's in it; tell me what you need."
)

# What the law asks for

NOTICE = Bilingual(
    zh="（你正在和人工智能数字人聊天，我说的话由AI生成。发送“退出”可以随时结束。）",
    en="(You are talking to an AI, not a person; what I say is AI-generated. Send “exit” to end at any time.)",
)
REMINDER = Bilingual(
    zh="（我们已经连着聊了{hours}个小时啦，站起来歇一歇，看看远处吧。我是AI，不会走的。）",
    en="(We have been talking for {hours} hours. Time for a break! I'm an AI and I'll be here.)",
)
LEFT = Bilingual(zh="好的，已经结束了。", en="Done, we have stopped here.")
CRISIS = Bilingual(
    zh="我先不演角色了，认真跟你说：听到你这样说，我很担心你。我是AI，帮不了现场的忙，但有人可以，现在就能打：全国统一心理援助热线 {line}（24小时）。"
    "如果你正处在危险里，请马上拨打 120 或 110，或者叫身边的人陪着你。你愿意告诉我，现在身边有人吗？",
    en="Let me step out of my part and be serious: I'm worried about you. I'm an AI and can't be there, but people can: in China"
    " call the crisis line {line} (24 hours) now. If you are in danger, call 120 or 110, or your local emergency number, and"
    " ask someone to stay with you. Is anybody with you right now?",
)

# What people ask

POPULAR = Bilingual(
    zh="大家常问：\n{list}\n回个数字，我就说给你听。",
    en="People often ask:\n{list}\nSend me a number and I'll tell you.",
)
NOTHING_POPULAR = Bilingual(
    zh="问的人还不多，排不出热门问题。你想问什么，直接说就好。",
    en="Not enough people have asked yet for a list. Just ask me whatever you like.",
)

# What she does

LET_ME_LOOK = Bilingual(zh="我看一下。", en="Let me look.")
TOOL_GONE = Bilingual(zh="这件事我现在做不了了。", en="I can't do that any more.")
TOOL_SLOW = Bilingual(zh="等了太久没有结果，我先不等了。", en="That took too long, so I stopped waiting.")
TOOL_BROKE = Bilingual(zh="这件事我没做成，出了点毛病。", en="That didn't work; something broke.")
TOOL_UNSURE = Bilingual(
    zh="这件事我刚才开始做了，可没等到结果，说不准做成没有，就没有再做一遍。",
    en="I had begun that but never heard how it ended, so I can't say whether it was done. I didn't do it again.",
)
CONFIRM_TOOL = Bilingual(
    zh="要我这样做吗？{name}：{arguments}\n回复“确认”我就做，回复“取消”就算了。",
    en="Shall I do this? {name}: {arguments}\nReply “confirm” and I will, or “cancel”.",
)
NOT_DONE = Bilingual(zh="好，那就不做了。", en="All right, I won't.")

DRAWN = Bilingual(zh="画好啦，看下面。", en="Here you are, it's below.")
DRAWN_ENOUGH = Bilingual(
    zh="今天给你画了 {most} 张，手都酸啦，明天再画好不好？",
    en="I have drawn {most} for you today and my hand is tired. Shall we go on tomorrow?",
)
DRAWN_ENOUGH_BY_ALL = Bilingual(
    zh="今天来找我画画的人太多，颜料用完啦，明天再画好不好？",
    en="So many people asked for pictures today that I'm out of paint. Shall we go on tomorrow?",
)
DRAW_NOT_HERE = Bilingual(
    zh="我在这里发不了图片，画了你也看不到。", en="I can't send pictures here, so you would not see it."
)
DRAW_NOT_THIS = Bilingual(
    zh="这个题材画画的服务不让画，我们换一个吧。",
    en="The drawing service won't draw that. Let's choose something else.",
)
DRAW_OFF = Bilingual(
    zh="我的画笔现在用不了（运营者：请看日志，检查 draw 的设置）。",
    en="My brushes don't work right now. (Operator: see the log, check the settings under draw.)",
)
DRAW_BUSY = Bilingual(
    zh="画画的地方现在有点忙，过一会儿再让我画吧。", en="The drawing place is busy right now. Ask me again in a while."
)
DRAW_SLOW = Bilingual(zh="这张画了太久还没画完，我先不画了。", en="That picture took too long, so I stopped.")
DRAW_FAILED = Bilingual(zh="这张没画成，要我再试一次吗？", en="That picture didn't work out. Shall I try again?")

# Second doors, and one's own data

MEET = Bilingual(
    zh="点开就能和我面对面：{url}\n（只给你一个人用，{minutes}分钟内打开有效；发“取消见面”就作废。）",
    en="Open this to see me face to face: {url}\n(For you alone, to be opened within {minutes} minutes; “stop meeting” makes it void.)",
)
NO_MEETING = Bilingual(
    zh="面对面的网页还没有开通。（运营者：请设置 web.public_url。）",
    en="Meeting face to face is not set up yet. (Operator: set web.public_url.)",
)
UNMET = Bilingual(zh="好的，见面的链接都作废了。", en="All links are void now.")
EXPORT = Bilingual(zh="这是我们聊过的全部内容。", en="Here is all we have said.")
EXPORT_PART = Bilingual(
    zh="这里发不了文件，下面是最近的聊天记录；要完整的，请发“见面”打开网页后再说一次，或请运营者导出。",
    en="I can't send files here, so this is the latest part. For all of it, open the page (“meet”) and ask again there.",
)
DELETE = Bilingual(
    zh="我会删掉你在我这里的全部聊天记录、语音和图片，找不回来。确定的话，请回复“确认删除”。",
    en="I will delete all our messages, voice notes and pictures for good. To go ahead, reply “confirm delete”.",
)
DELETED = Bilingual(
    zh="你的聊天记录、语音和图片都删除了。以后再发消息，就是重新认识。",
    en="Your messages, voice notes and pictures are deleted. If you write again, we meet anew.",
)
IN_PRIVATE = Bilingual(zh="这件事请私聊告诉我。", en="Please tell me that in a private chat.")

# Reminders

REMIND = Bilingual(zh="⏰ 提醒你：{text}", en="⏰ Reminder: {text}")
REMIND_LATE = Bilingual(
    zh="⏰ 提醒你：{text}（本来是 {at} 的，我晚了，抱歉。）",
    en="⏰ Reminder: {text} (it was for {at}; sorry, I'm late.)",
)
REMIND_SET = Bilingual(zh="好，{at} 提醒你：{text}。", en="Done. I'll remind you on {at}: {text}.")
REMIND_VAGUE = Bilingual(
    zh="（你没说几点，我先按这个记；要改就告诉我。）",
    en=" (You named no hour, so I took this one; tell me if another suits you.)",
)
REMIND_WINDOW = Bilingual(
    zh="（这里只能在你最后一次说话后 {hours} 小时内主动找你；到点时要是过了，你下次说话我就马上补上。）",
    en=" (Here I can only write within {hours} hours of your last message; if that is over by then, I'll tell you as soon as you write.)",
)
REMIND_WHEN = Bilingual(
    zh="想让我什么时候提醒你？比如“明天下午三点”。", en="When shall I remind you? For example “tomorrow at 3 pm”."
)
REMIND_WHICH = Bilingual(zh="我没听准时间：是 {one}，还是 {other}？", en="I'm not sure of the time: {one}, or {other}?")
REMIND_PAST = Bilingual(zh="{at} 已经过了，换个时间吧。", en="{at} is over already; choose another time.")
REMIND_FAR = Bilingual(zh="我最多记一年以内的提醒。", en="I keep reminders for up to a year.")
REMIND_MANY = Bilingual(
    zh="你已经有 {most} 个提醒了，先取消几个吧。", en="You have {most} reminders already; cancel some first."
)
REMIND_NOTHING = Bilingual(zh="到时间了", en="it's time")
REMIND_LIST = Bilingual(
    zh="你的提醒：\n{list}\n要取消就说“取消第 2 个提醒”。",
    en="Your reminders:\n{list}\nTo cancel one, say “cancel reminder 2”.",
)
REMIND_NONE = Bilingual(zh="你现在没有提醒。", en="You have no reminders.")
REMIND_GONE = Bilingual(zh="取消了：{text}。", en="Cancelled: {text}.")

# What she remembers

REMEMBERED = Bilingual(
    zh="我记得这些：\n{facts}\n（想让我忘掉哪条，就说“忘掉第 2 条”；说“全部忘掉”就都忘掉；说“别记我”我以后就不记了。）",
    en="This is what I remember:\n{facts}\n"
    "(“Forget number 2” makes me forget one, “forget everything about me” all of it; “stop remembering me” ends it.)",
)
NOTHING_REMEMBERED = Bilingual(
    zh="关于你，我还什么都没记下。想让我记住什么，就说“记住：……”。",
    en="I haven't noted anything about you yet. If there is something to keep, say “remember: …”.",
)
KEPT = Bilingual(zh="好，我记住了：{fact}", en="I'll remember: {fact}")
NOT_KEPT = Bilingual(
    zh="密码、证件号、电话这类东西我不记，你自己收好，也别发给我。",
    en="I don't keep passwords, phone or document numbers and the like. Please keep them to yourself.",
)
FORGOTTEN = Bilingual(zh="好，忘掉了：{facts}", en="Forgotten: {facts}")
NO_SUCH = Bilingual(
    zh="没有第 {number} 条，我什么都没动。问我“你记得我什么”，就能看到编号。",
    en="There is no number {number}, so I left everything as it was. Ask “what do you remember about me” to see the numbers.",
)
FORGOTTEN_ALL = Bilingual(
    zh="好，我记下的关于你的事，全部忘掉了。聊天记录还在；想连它一起删，就说“删除我的数据”。",
    en="Everything I had noted about you is forgotten. Our messages are still there; to delete them too, say “delete my data”.",
)
NOT_REMEMBERING = Bilingual(
    zh="好，从现在起我不再记关于你的事。以前记下的还在，想清掉就说“全部忘掉”；想让我再记，就说“可以记我”。",
    en="From now on I won't note anything about you. What I noted before is still there (“forget everything about me” clears it);"
    " “remember me again” undoes this.",
)
REMEMBERING_AGAIN = Bilingual(zh="好，我又会记得你说的事了。", en="All right, I'll remember what you tell me again.")
OFF_RECORD = Bilingual(
    zh="你让我别记，所以我没有记。想让我再记，就说“可以记我”。",
    en="You asked me not to remember, so I didn't. “Remember me again” undoes that.",
)
LINK = Bilingual(
    zh="绑定之后，你在别的地方找我，我也认得是同一个你，记得的事两边通用。是你本人的话，{minutes}分钟内在另一边私聊发给我：\n绑定 {code}\n"
    "（这个码谁拿到都能看到我记得你的事，别给别人；以后说“解除绑定”就分开。）",
    en="Once linked, I know you as the same person elsewhere, too, and what I remember holds for both. If both are yours, send me"
    " this in a private chat over there within {minutes} minutes:\nlink {code}\n"
    "(Whoever has the code gets to know what I remember of you, so keep it to yourself; “unlink” parts the two again.)",
)
LINKED = Bilingual(
    zh="绑好了，现在两边的你，我都认得是同一个人。说“解除绑定”就分开。",
    en="Linked: I know both of you as one person now. “Unlink” parts them again.",
)
BAD_CODE = Bilingual(
    zh="这个码不对，或者已经过期、用过了。请在另一边说“绑定”再要一个。",
    en="That code is wrong, used up or too old. Say “link my accounts” on the other side to get a new one.",
)
TOO_MANY_CODES = Bilingual(
    zh="不对的码试得太多了，请过{minutes}分钟再试。", en="Too many wrong codes: please try again in {minutes} minutes."
)
LINK_AT_HOME = Bilingual(
    zh="绑定请回到原来的聊天里说，这里是从链接进来的。",
    en="Please ask for that in the original chat: this page was opened by a link.",
)
UNLINKED = Bilingual(
    zh="已经解除绑定，两边各记各的。", en="Unlinked: from now on I know the two apart, each with what it told me."
)
NOT_LINKED = Bilingual(zh="你这边没有绑定过别的账号。", en="This account isn't linked to any other.")

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]")
LATIN = re.compile(r"[A-Za-z]")


def language(text: str) -> str:
    """``en`` for words in Latin letters alone, else ``zh``."""
    return "en" if LATIN.search(text) and not HAN.search(text) else "zh"


YES = re.compile(
    r"(?:好的?|可以|确认|是的?|行|同意|对|没问题|嗯+|yes|yeah|yep|ok(?:ay)?|sure|confirm|go ahead|please do)[吧啊呀的了]?",
    re.IGNORECASE,
)
NO = re.compile(r"(?:取消|不(?:要|用|了|行|可以)?|别|算了|no|nope|cancel|don't|stop)[吧啊呀的了]?", re.IGNORECASE)


def agreed(text: str) -> bool | None:
    """Whether a message is a plain yes or no; None: neither."""
    said = text.strip(" \t\n。.!！~～,，")
    return True if YES.fullmatch(said) else False if NO.fullmatch(said) else None
