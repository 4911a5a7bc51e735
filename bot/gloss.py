"""A small English–Chinese gloss of everyday questions: an English word that no note has is looked up in Chinese.

General words only. A list tuned to one company's questions gains thirty points on them and two on others (measured).
"""

import re

GLOSS = {
    word: chinese
    for line in """
    address 地址 位置|location 位置 地址|located 位置 地址|near 附近 近|nearby 附近|nearest 最近 附近|far 多远 远|distance 距离 远|direction 路线
    route 路线|map 地图|street 街 路|city 市区 城市|town 镇|village 村|mountain 山|river 河|lake 湖|park 公园 停车|beach 海滩 沙滩|sea 海
    outside 外面 门外 室外|inside 室内 里面|upstairs 楼上|floor 楼 层|door 门|home 家|here 这里|anywhere 别的地方 其他地方|bus 公交 班车
    coach 班车 大巴|subway 地铁|metro 地铁|train 火车 高铁|airport 机场|plane 飞机|flight 航班|taxi 打车 出租车|station 站|drive 开车
    driver 司机|car 车 汽车|parking 停车|bike 自行车 单车 车|bicycle 自行车 单车|motorcycle 摩托|ride 骑|walk 走路 步行|travel 旅行|trip 行程
    tour 导览 游|guide 向导 导览|trail 路线 步道|pickup 接|ev 电动汽车 充电|electric 电动|battery 电池 电|charger 充电|charging 充电
    recharge 充电|price 价格 多少钱|cost 价格 多少钱 收费|fee 费用 收费|charge 收费 费用 充电|rate 价格|cheap 便宜|expensive 贵|free 免费|money 钱
    pay 付款 支付|payment 付款 支付|card 卡|visa 信用卡 刷卡|credit 信用卡|cash 现金|wechat 微信|alipay 支付宝|invoice 发票|receipt 发票 收据 小票
    bill 账单|tax 税|refund 退款 退|return 退货 退 还|exchange 换|deposit 押金 定金|discount 优惠 折扣|coupon 优惠券|sale 打折|gift 礼品 礼物
    sell 卖|buy 买|purchase 买 购买|shop 店|store 店|rent 租|rental 租|hire 租|borrow 借|lend 借|order 订单 下单 订|stock 现货 库存
    brand 牌子 品牌|product 产品 商品|model 型号|size 尺码 尺寸|color 颜色|colour 颜色|weight 重量|quality 质量|new 新|used 二手 旧
    secondhand 二手|wholesale 批发|bulk 批发 大量|custom 定制|sample 样品|material 材料 材质|part 零件 配件|piece 作品 件|wrap 包装|pack 打包
    package 包装 包裹|shipping 运费 邮费 发货|ship 寄 发货|deliver 送货 快递|delivery 快递 发货|mail 邮寄|abroad 国外 海外|overseas 海外 国外
    international 国外 海外|japan 日本|america 美国|canada 加拿大|china 中国|foreign 外国|foreigner 外国人|passport 护照|id 身份证 证件
    licence 驾照|license 驾照|cancel 取消|change 改 换|reschedule 改期 改时间|book 预约 预订 订|booking 预约 预订|reserve 预约 预订
    reservation 预约 预订|appointment 预约|advance 提前|queue 排队|wait 等|sign 报名|register 注册 报名|join 参加 加入|ticket 门票 票
    entrance 门票 入场|entry 入场|open 开门 营业|opening 营业 开门|close 关门 休息|closed 休息 关门|hour 时间 小时|time 时间|minute 分钟|day 天
    week 周|month 月|year 年|today 今天|tomorrow 明天|tonight 晚上|morning 早上 上午|noon 中午|afternoon 下午|evening 晚上|night 晚上 夜 晚
    weekend 周末|holiday 节假日 放假|monday 周一|tuesday 周二|wednesday 周三|thursday 周四|friday 周五|saturday 周六|sunday 周日|spring 春
    summer 夏|autumn 秋|winter 冬|early 早|late 晚 迟到|long 多久|soon 多久|start 开始 启动|end 结束|finish 做好 完成 修好|finished 做好 完成
    ready 好了 做好|repair 修 维修|fix 修|maintain 保养|maintenance 保养 维护|broken 碎 破损 坏|break 坏|damage 损坏 坏|damaged 破损 坏
    crack 裂|noise 异响 声音|fault 毛病 故障|warranty 保修 质保|guarantee 保修 质保|insurance 保险|accident 意外 事故|emergency 紧急 救援
    rescue 救援|service 服务 保养|tool 工具|clean 清洗 清洁|wash 洗|replace 换|install 安装 装|adjust 调|check 检查 办理|test 检测 测试
    recycle 回收|tire 轮胎|tyre 轮胎|brake 刹车|chain 链条|wheel 轮|helmet 头盔|lock 锁|key 钥匙|pump 打气|air 打气 空气|water 水|oil 油
    light 灯|room 房间 房|hotel 酒店 住宿|stay 住|bed 床|cot 婴儿床|towel 毛巾|shower 洗澡 淋浴|bathroom 卫生间 浴室|toilet 卫生间 厕所
    restroom 卫生间|checkin 入住|checkout 退房|luggage 行李|bag 行李 包|storage 寄存 存放|locker 储物柜|lost 丢 失物|found 失物 捡到|steal 偷
    password 密码|internet 上网 网络 无线网|network 网络|wifi 无线网|phone 电话 手机|email 邮箱|website 网站|app 小程序 软件|video 视频 摄像
    photo 拍照|picture 照片|breakfast 早餐|lunch 午餐 中午|dinner 晚餐|food 吃 餐|meal 餐|eat 吃|restaurant 餐厅|cafe 咖啡|coffee 咖啡
    tea 茶|milk 牛奶|drink 喝 饮料|beer 啤酒|wine 酒|cake 蛋糕|bread 面包|rice 饭|noodle 面|vegetarian 素食 素|vegan 素食 素|allergy 过敏
    allergic 过敏|spicy 辣|menu 菜单|microwave 微波炉|dishwasher 洗碗机|smoke 抽烟 吸烟|smoking 抽烟 吸烟|pet 宠物|dog 狗 宠物|cat 猫 宠物
    wheelchair 轮椅|elevator 电梯|student 学生|child 孩子 小朋友 儿童|children 孩子 小朋友 儿童|kid 孩子 小朋友 儿童|baby 婴儿 宝宝|adult 成人 大人
    senior 老人|age 岁|old 旧 岁|family 家庭|friend 朋友|group 团体 团|team 团队 团建 队|party 派对|birthday 生日|wedding 婚礼|activity 活动
    event 活动|member 会员|membership 会员|vip 会员|point 积分|teacher 老师|learn 学|teach 教|class 课 课程|course 课程 课|lesson 课程 课
    beginner 新手 初学|easy 简单 容易|difficult 难|name 名字|owner 老板 店主|boss 老板|manager 经理 店长|staff 客服 人工|agent 客服|person 真人 人
    human 真人 人工|robot 机器人|bot 机器人|job 招聘 工作|hiring 招人 招聘|work 工作|company 公司|business 公司 业务|complaint 投诉|complain 投诉
    recommend 推荐|safe 安全|wear 穿|clothes 衣服|privacy 隐私|data 数据|delete 删除|run 运行|voice 声音|language 语言|english 英语 英文
    weather 天气|rain 下雨 雨|snow 下雪 雪|history 历史|story 故事
    """.strip().splitlines()
    for word, _, chinese in (entry.strip().partition(" ") for entry in line.split("|"))
}
"""Word → Chinese words for it, parted by blanks."""
ENDINGS = tuple(
    (re.compile(f"{end}$"), stem)
    for end, stem in (("ies", "y"), ("(?:es|s|ed|d|ing|er)", ""), ("ing", "e"), ("s", ""), (r"(.)\1(?:ed|ing)", r"\1"))
)
"""Ends of words' forms, and what the word has instead."""


def gloss(word: str) -> tuple[str, ...]:
    """What an English word, in whatever form, is in Chinese; empty: it is not in the list."""
    stems = (ending.sub(stem, word) for ending, stem in ENDINGS if ending.search(word))
    return tuple(next((GLOSS[form] for form in (word, *stems) if form in GLOSS), "").split())
