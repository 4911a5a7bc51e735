"""A small English–Chinese gloss of everyday questions: an English word that no note has is looked up in Chinese.

General words only. A list tuned to one company's questions gains thirty points on them and two on others (measured).
"""

GLOSS = {
    word: chinese
    for line in """
    address 地址 位置|location 位置 地址|located 位置 地址|name 名字|price 价格 多少钱|cost 价格 多少钱|fee 费用 收费|charge 收费 费用
    pay 付款 支付|payment 付款 支付|card 卡|visa 信用卡 刷卡|cash 现金|invoice 发票|receipt 发票 收据|refund 退款 退|return 退货 退
    cancel 取消|change 改|reschedule 改期 改时间|book 预约 预订|booking 预约 预订|reserve 预约 预订|reservation 预约 预订
    ticket 门票 票|tickets 门票 票|entrance 门票 入场|entry 入场|discount 优惠 折扣|student 学生|children 孩子 小朋友|child 孩子 小朋友
    kids 孩子 小朋友|age 岁|class 课 课程|classes 课 课程|course 课程 课|lesson 课 课程|late 迟到 晚|open 开门 营业|opening 营业 开门
    close 关门 休息|closed 休息 关门|hours 时间 营业|time 时间|today 今天|holiday 节假日 放假|weekend 周末|parking 停车|park 停车
    car 车|bus 公交|subway 地铁|metro 地铁|train 火车 高铁|airport 机场|pickup 接|taxi 打车|charger 充电|charging 充电|ev 电动汽车 充电
    room 房间 房|rooms 房间 房|hotel 酒店 住宿|stay 住|night 晚|bed 床|cot 婴儿床|baby 婴儿 宝宝|breakfast 早餐|lunch 午餐|dinner 晚餐
    food 吃 餐|restaurant 餐厅|deposit 定金 押金|checkin 入住|check 办理 入住 退房|checkout 退房|luggage 行李|bag 行李 包
    password 密码|internet 上网 网络|pet 宠物|pets 宠物|dog 狗 宠物|dogs 狗 宠物|cat 猫 宠物|smoke 抽烟 吸烟|smoking 抽烟 吸烟
    wheelchair 轮椅|toilet 卫生间 厕所|restroom 卫生间|beach 海滩 沙滩|sea 海|ship 寄 发货|shipping 运费 邮费 发货|deliver 送货 快递
    delivery 快递 发货|order 订单 下单|orders 订单 下单|broken 碎 破损 坏|damaged 破损 坏|gift 礼品 礼物|wrap 包装|custom 定制
    wholesale 批发|bulk 批发 大量|member 会员|membership 会员|vip 会员|points 积分|job 招聘 工作|hiring 招人 招聘|work 工作|complaint 投诉
    complain 投诉|photo 拍照|photos 拍照|video 视频 摄像|birthday 生日|party 派对|team 团队 团建|group 团体|person 真人 人|human 真人 人工
    robot 机器人|bot 机器人|agent 客服|staff 客服 人工|phone 电话|email 邮箱|safe 安全|clean 清洗|microwave 微波炉|dishwasher 洗碗机
    piece 作品|finished 做好 完成|abroad 国外 海外|overseas 海外 国外|international 国外 海外|japan 日本|america 美国|canada 加拿大
    privacy 隐私|data 数据|delete 删除|install 安装|run 运行|start 启动|voice 声音|language 语言|weather 天气|history 历史|story 故事
    """.strip().splitlines()
    for word, _, chinese in (entry.strip().partition(" ") for entry in line.split("|"))
}
"""Word → Chinese words, parted by blanks."""
