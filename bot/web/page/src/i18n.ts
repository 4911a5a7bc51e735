// Every word of the page in Chinese and English.
import { computed, signal } from '@preact/signals'
import type { Both } from './wire.ts'

export type Language = 'zh' | 'en'

export const WORDS = {
  label: { zh: '数字人 · 内容由 AI 生成', en: 'Digital human · AI-generated content' },
  made: { zh: '内容由AI生成', en: 'AI-generated' },
  online: { zh: '在线', en: 'Online' },
  typing: { zh: '正在输入…', en: 'typing…' },
  speaking: { zh: '正在说话', en: 'speaking' },
  connecting: { zh: '连接中…', en: 'Connecting…' },
  offline: { zh: '连接断了，正在重连…', en: 'Connection lost. Reconnecting…' },
  denied: { zh: '这个页面需要邀请链接或登录', en: 'This page needs an invitation or a login' },
  meetTitle: { zh: '面对面', en: 'Face to face' },
  meetWords: { zh: '她在等你。点一下进来，聊天记录会接着微信里的。', en: 'She is waiting for you. Tap to come in; the chat goes on from WeChat.' },
  meet: { zh: '进来见面', en: 'Come in' },
  voidLink: { zh: '这个链接已经失效了，请再要一个', en: 'This link is void. Please ask for another.' },
  login: { zh: '去登录', en: 'Log in' },
  unlock: { zh: '点一下，打开声音', en: 'Tap to turn on sound' },
  talk: { zh: '说话：按住说，或点一下一直听着', en: 'Talk: hold to speak, or tap to keep listening' },
  talking: { zh: '不再听了', en: 'Stop listening' },
  micOpening: { zh: '正在打开麦克风…', en: 'Opening the microphone…' },
  micOpen: { zh: '我在听，你说', en: 'I’m listening' },
  micSpeech: { zh: '正在听…', en: 'Listening…' },
  micPush: { zh: '松开发送，上滑取消', en: 'Release to send, slide up to cancel' },
  micDrop: { zh: '松开取消', en: 'Release to cancel' },
  micWriting: { zh: '正在写下来…', en: 'Writing it down…' },
  micDenied: { zh: '浏览器没有允许用麦克风，请在地址栏里打开', en: 'The browser did not allow the microphone; allow it in the address bar' },
  micInsecure: { zh: '麦克风只能在 https 或本机上用', en: 'The microphone needs https or localhost' },
  micMissing: { zh: '没有找到麦克风', en: 'No microphone was found' },
  note: { zh: '听你说的这句话，{0} 秒', en: 'Play what you said, {0} seconds' },
  placeholder: { zh: '说点什么…', en: 'Say something…' },
  send: { zh: '发送', en: 'Send' },
  stop: { zh: '停下', en: 'Stop' },
  picture: { zh: '发图片', en: 'Send a picture' },
  remove: { zh: '去掉这张图片', en: 'Remove this picture' },
  drop: { zh: '松手发送图片', en: 'Drop to add the picture' },
  resend: { zh: '重新发送', en: 'Send again' },
  failed: { zh: '没有发出去', en: 'Not sent' },
  sending: { zh: '发送中', en: 'Sending' },
  long: { zh: '最多 {0} 个字，现在有 {1} 个，请删短一些', en: 'At most {0} characters; this has {1}. Please shorten it.' },
  badPicture: { zh: '这不是能看的图片', en: 'Not a picture I can read' },
  manyPictures: { zh: '一次最多 4 张图片', en: 'At most 4 pictures at a time' },
  older: { zh: '看更早的消息', en: 'Earlier messages' },
  menu: { zh: '更多', en: 'More' },
  volume: { zh: '音量', en: 'Volume' },
  speed: { zh: '语速', en: 'Speed' },
  mute: { zh: '静音', en: 'Mute' },
  unmute: { zh: '打开声音', en: 'Unmute' },
  captions: { zh: '字幕', en: 'Captions' },
  fresh: { zh: '新的对话', en: 'New conversation' },
  forget: { zh: '删除我的数据', en: 'Delete my data' },
  forgetAsk: {
    zh: '删除这里所有的对话、图片和声音？删除后找不回来。',
    en: 'Delete all conversations, pictures and sound kept here? This can’t be undone.',
  },
  forgotten: { zh: '已经全部删除', en: 'Everything was deleted' },
  yes: { zh: '删除', en: 'Delete' },
  no: { zh: '取消', en: 'Cancel' },
  bodyBy: { zh: '形象：{0}，作者 {1}', en: 'Body: {0} by {1}' },
  dress: { zh: '换个样子', en: 'Her look' },
  dressed: { zh: '已经存进人设，她就这样穿', en: 'Saved to the persona: she wears it' },
  wear: { zh: '存下', en: 'Save' },
  undo: { zh: '不换了', en: 'Cancel' },
  trying: { zh: '正在画…', en: 'Drawing…' },
  noLook: { zh: '现在换不了样子', en: 'Her look can’t be changed just now' },
  tongue: { zh: 'EN', en: '中' },
  language: { zh: 'English', en: '中文' },
  play: { zh: '播放这条语音，{0} 秒', en: 'Play this reply, {0} seconds' },
  playing: { zh: '停止播放', en: 'Stop playing' },
  good: { zh: '答得好', en: 'Good answer' },
  bad: { zh: '答得不好', en: 'Bad answer' },
  interrupted: { zh: '（被打断）', en: '(interrupted)' },
  yesterday: { zh: '昨天', en: 'Yesterday' },
  weekdays: { zh: '星期日 星期一 星期二 星期三 星期四 星期五 星期六', en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday' },
  chat: { zh: '聊天', en: 'Chat' },
  her: { zh: '她', en: 'Her' },
  you: { zh: '我', en: 'You' },
  log: { zh: '聊天记录', en: 'Conversation' },
  settings: { zh: '设置', en: 'Settings' },
  sent: { zh: '图片', en: 'Picture' },
  starters: {
    zh: '你好，你是谁？|陪我聊聊天吧|给我讲个小笑话|你会说英语吗？',
    en: 'Hi, who are you?|Chat with me for a bit|Tell me a little joke|Can you speak Chinese?',
  },
  below: { zh: '新消息', en: 'New messages' },
  bottom: { zh: '回到最新', en: 'Latest' },
  close: { zh: '关闭', en: 'Close' },
  picked: { zh: '图片，点开看大图', en: 'Picture, open to enlarge' },
  left: { zh: '{0} / {1} 字', en: '{0} / {1} characters' },
  voice: { zh: '声音', en: 'Sound' },
  licences: { zh: '开源许可', en: 'Open-source licences' },
  hint: { zh: '打字，或者从这里开始：', en: 'Type something, or start here:' },
  says: { zh: '{0}说：{1}', en: '{0} says: {1}' },
  source: { zh: '来源 {0}', en: 'Source {0}' },
  faq: { zh: '常见问题', en: 'FAQ' },
  board: { zh: '大家常问', en: 'People ask' },
  boardAsk: { zh: '大家常问：', en: 'People often ask:' },
  boardOperator: { zh: '大家的问题', en: 'Questions' },
  boardEmpty: { zh: '还没有大家常问的问题', en: 'Nothing is asked often yet' },
  asked: { zh: '问过 {0} 次', en: 'Asked {0} times' },
  all: { zh: '看全部', en: 'See all' },
  remembers: { zh: '她记得我什么', en: 'What she remembers' },
  remembersAsk: { zh: '你记得我什么', en: 'What do you remember about me?' },
  pinned: { zh: '已置顶', en: 'Pinned' },
  edit: { zh: '整理：{0}', en: 'Edit: {0}' },
  pin: { zh: '置顶', en: 'Pin' },
  unpin: { zh: '取消置顶', en: 'Unpin' },
  hide: { zh: '不再显示', en: 'Hide' },
  show: { zh: '重新显示', en: 'Show again' },
  hidden: { zh: '不显示的（{0}）', en: 'Hidden ({0})' },
  wording: { zh: '显示的问法', en: 'Shown wording' },
  reword: { zh: '保存', en: 'Save' },
  mergeInto: { zh: '并到另一个问题', en: 'Merge into another question' },
  choose: { zh: '选一个…', en: 'Choose…' },
  merge: { zh: '合并', en: 'Merge' },
  unanswered: { zh: '没答上来', en: 'Unanswered' },
  unansweredEmpty: { zh: '都答上来了，真好', en: 'She had an answer to everything' },
  people: { zh: '{0} 人 · 问过 {1} 次', en: '{0} people · asked {1} times' },
  drafted: { zh: '有草稿', en: 'Draft ready' },
  writeFaq: { zh: '写成问答', en: 'Make it an FAQ entry' },
  question: { zh: '问题', en: 'Question' },
  also: { zh: '别的问法', en: 'Other wordings' },
  alsoHint: { zh: '一行一个', en: 'one a line' },
  answer: { zh: '回答', en: 'Answer' },
  answerHint: { zh: '她照着这个答', en: 'what she answers by' },
  draftIt: { zh: '帮我起草', en: 'Draft it for me' },
  drafting: { zh: '正在起草…', en: 'Drafting…' },
  undraft: { zh: '换回我写的', en: 'Back to mine' },
  noDraft: { zh: '这次没写出草稿，请自己写，或者再试一次', en: 'No draft came. Write it yourself, or try again.' },
  faqSave: { zh: '存进问答', en: 'Save to the FAQ' },
  faqSaving: { zh: '正在存…', en: 'Saving…' },
  faqSaved: { zh: '已经存进问答，她现在会答了', en: 'Saved to the FAQ: she can answer it now' },
  notSaved: { zh: '没有存上，请再试一次', en: 'It was not saved. Please try again.' },
  back: { zh: '返回', en: 'Back' },
  sources: { zh: '来源', en: 'Sources' },
  moreSources: { zh: '再看 {0} 个来源', en: '{0} more sources' },
  madeMark: { zh: 'AI 生成', en: 'AI-made' },
  madePicture: { zh: 'AI 生成的图片，点开看大图', en: 'AI-made picture, open to enlarge' },
  save: { zh: '保存图片', en: 'Save the picture' },
  portrait: { zh: '{0}的头像', en: 'Portrait of {0}' },
  operator: { zh: '人工', en: 'Staff' },
  noSound: { zh: '这条语音现在放不了', en: 'This sound can’t be played now' },
  beckon: { zh: '点这里，和我聊聊', en: 'Touch to talk' },
  write: { zh: '打字', en: 'Type' },
  goodbye: { zh: '再见，下次再来聊！', en: 'Goodbye. Come back any time!' },
  stay: { zh: '还想聊？点一下就继续', en: 'Still here? Touch to go on' },
  quiet: { zh: '让她停下', en: 'Stop her' },
  eye: { zh: '摄像头只看有没有人，画面不保存、不外传', en: 'The camera only notices whether somebody is here. Nothing is kept or sent.' },
  shut: { zh: '收起聊天', en: 'Close the chat' },
} satisfies Record<string, Both>

export type WordName = keyof typeof WORDS

export const language = signal<Language>('zh')

/** A text in the page's language, with {0}, {1} … filled in. */
export function t(name: WordName, ...values: (string | number)[]): string {
  return WORDS[name][language.value].replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''))
}

/** A text that came in both languages. */
export function both(text: Both | undefined): string {
  return text ? text[language.value] || text.zh || text.en : ''
}

/** Texts that came in both languages; the other's where there are none. */
export function several(texts: Record<keyof Both, readonly string[]> | undefined): readonly string[] {
  const found = texts?.[language.value] ?? []
  return found.length > 0 ? found : (texts?.[language.value === 'zh' ? 'en' : 'zh'] ?? [])
}

/** The language a browser asks for. */
export function preferred(languages: readonly string[]): Language {
  const first = languages.find((each) => /^(zh|en)\b/i.test(each))
  return first && /^en/i.test(first) ? 'en' : 'zh'
}

/** The language tag of a text: its letters tell. */
export function tongue(text: string): 'zh-CN' | 'en' {
  return /[a-z]/i.test(text) && !/[\u3400-\u9fff]/.test(text) ? 'en' : 'zh-CN'
}

export const tag = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en'))

/** A time separator in WeChat's manner: today the clock, then yesterday, the weekday, the date. */
export function moment(at: number, now: number): string {
  const then = new Date(at * 1000)
  const clock = `${then.getHours()}:${String(then.getMinutes()).padStart(2, '0')}`
  const midnight = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime()
  const days = Math.round((midnight(new Date(now * 1000)) - midnight(then)) / 86_400_000)
  if (days <= 0) return clock
  if (days === 1) return `${t('yesterday')} ${clock}`
  if (days < 7) return `${t('weekdays').split(' ')[then.getDay()]} ${clock}`
  const date = { month: 'long', day: 'numeric' } as const
  const year = then.getFullYear() === new Date(now * 1000).getFullYear() ? {} : ({ year: 'numeric' } as const)
  return `${then.toLocaleDateString(tag.value, { ...date, ...year })} ${clock}`
}
