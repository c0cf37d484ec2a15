"""Names and phrases of the demo world, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureWords:
    """A feature of the tenant's product with the event names that are its use."""

    key: str
    name: str
    core: bool
    target: float | None
    events: tuple[str, ...]
    share: float  # how much of an average account's use falls on it


@dataclass(frozen=True)
class Words:
    """What a tenant of one language is filled with."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    people: tuple[str, ...]
    given: tuple[str, ...]
    industries: tuple[str, ...]
    segments: tuple[str, ...]
    titles: dict[str, str]
    features: tuple[FeatureWords, ...]
    login: str
    csms: tuple[str, ...]
    manager: str
    admin: str
    viewer: str
    contributor: str
    joiner: str  # between the halves of a name
    said: dict[str, tuple[tuple[str, str], ...]]  # notes of touches by level, each with what was promised
    evidence: dict[str, tuple[str, ...]]  # what shows that somebody is convinced, by state
    events: tuple[tuple[str, str, str, int], ...]  # kind, name, place, days ago


ENGLISH = Words(
    first=(
        "Harbor", "Alder", "Meridian", "Kestrel", "Oakfield", "Brightwater", "Solace", "Tidewater", "Summit", "Juniper",
        "Granite", "Lark", "Copper", "Northgate", "Willow", "Falcon", "Crescent", "Beacon", "Stonebridge", "Aurora",
        "Maple", "Ironwood", "Bluebird", "Canyon", "Sterling", "Prairie", "Cobalt", "Redwood", "Silverline", "Everett",
    ),
    second=(
        "Logistics", "Health", "Robotics", "Schools", "Energy", "Insurance", "Foods", "Retail", "Partners", "Analytics",
        "Freight", "Clinics", "Manufacturing", "Academy", "Power", "Mutual", "Markets", "Outfitters", "Group", "Labs",
    ),
    people=(
        "Ortiz", "Köhler", "Iyer", "Nakamura", "Bennett", "Rossi", "Andersen", "Okafor", "Dubois", "Novak", "Walsh",
        "Silva", "Meyer", "Haddad", "Larsen", "Petrov", "Kim", "Fischer", "Costa", "Murphy", "Singh", "Moreau",
    ),
    given=(
        "Dana", "Mina", "Ravi", "Kenji", "Laura", "Marco", "Ida", "Chidi", "Claire", "Petra", "Owen", "Paula", "Jonas",
        "Leila", "Nora", "Ivan", "Jisoo", "Felix", "Ana", "Sean", "Priya", "Hugo",
    ),
    industries=("Logistics", "Healthcare", "Manufacturing", "Education", "Energy", "Insurance", "Retail", "Food"),
    segments=("Enterprise", "Mid-market", "Small business"),
    titles={
        "decision_maker": "Chief Operating Officer", "key_person": "Head of Operations", "project_lead": "Project Lead",
        "middle_manager": "Department Manager", "requirement_owner": "Process Owner",
        "system_admin": "System Administrator",
        "user": "Team Lead", "it": "IT Manager",
    },
    features=(
        FeatureWords("planning", "Planning board", True, 8, ("Plan Opened", "Plan Changed"), 0.26),
        FeatureWords("dispatch", "Dispatch", True, 6, ("Order Dispatched", "Route Assigned"), 0.22),
        FeatureWords("tracking", "Live tracking", True, 4, ("Shipment Tracked",), 0.14),
        FeatureWords("reports", "Reports", True, 3, ("Report Viewed", "Report Exported"), 0.12),
        FeatureWords("quality", "Quality checks", True, 2, ("Check Recorded",), 0.08),
        FeatureWords("mobile", "Mobile app", False, None, ("Mobile Scan",), 0.08),
        FeatureWords("api", "API access", False, None, ("API Token Used",), 0.04),
        FeatureWords("automation", "Automations", False, None, ("Automation Created",), 0.03),
        FeatureWords("forecasting", "Forecasting", False, None, ("Forecast Opened",), 0.03),
    ),
    login="Signed In",
    csms=("Mina Köhler", "Daniel Reyes", "Aisha Bello", "Tom Lindqvist", "Grace Liu"),
    manager="Helen Marsh",
    admin="Robert Adler",
    viewer="Carla Mendes",
    contributor="Nick Bauer",
    joiner=" ",
    said={
        "solve": (
            ("Two planners could not open last week's board; the role was missing. Works again.", ""),
            ("Asked for help with the import of last year's orders; sent the template.", "Check the imported orders"),
            ("Open questions about permissions answered.", ""),
            ("Followed up on the slow report; fixed since the last release.", "Ask whether the report is fast enough"),
        ),
        "gap": (
            ("Showed the dispatch team quality checks; nobody there had opened them.", "Call about the first checks"),
            ("Planned a training for the second department, which still works in spreadsheets.", "Send the agenda"),
            ("Walked through the new boards; two teams want to start next week.", "Look in on the two teams"),
        ),
        "advice": (
            ("Quarterly review: goals on track, wants the report for the board by the 15th.", "Send the board report"),
            ("Compared their on-time rate with that of similar companies and where it is lost.", "Send the comparison"),
            ("Talked about the upcoming renewal; budget round is in spring.", "Prepare the case for the budget round"),
        ),
    },
    evidence={
        "convinced": ("Presented the results to the board.", "Asked for more seats.", "Recommends us to a supplier."),
        "not_yet": ("Wants to see the first figures.", "Doubts that the old system can be switched off."),
        "against": ("Prefers the tool of the parent company.", "Says it costs more time than it saves."),
    },
    events=(
        ("salon", "Salon: planning with fewer rush orders", "Chicago", 34),
        ("course", "Course: reports that boards read", "Online", 75),
    ),
)  # fmt: skip

CHINESE = Words(
    first=(
        "海岳", "东岭", "云启", "恒泰", "华信", "金桥", "瑞丰", "天衡", "中科", "盛远", "百川", "启明", "江南", "永昌",
        "鼎盛", "蓝海", "宏图", "安泰", "光合", "新程",
    ),
    second=(
        "机械集团", "精工", "医疗器械", "物流", "电子科技", "食品", "教育", "新能源", "纺织", "建材", "汽车零部件",
        "化工", "包装", "信息技术",
    ),
    people=("周", "陈", "何", "王", "李", "张", "刘", "赵", "黄", "吴", "徐", "孙", "胡", "朱", "高", "林", "郭", "马"),
    given=(
        "建国", "敏", "涛", "丽华", "志强", "晓燕", "伟", "静", "海波", "雪梅", "明", "国栋", "婷婷", "俊杰", "文博",
        "佳", "立新", "秀英",
    ),
    industries=("装备制造", "汽车零部件", "医疗器械", "电子", "食品饮料", "教育培训", "新能源", "物流"),
    segments=("战略客户", "重点客户", "成长客户"),
    titles={
        "decision_maker": "总经理", "key_person": "运营总监", "project_lead": "项目负责人",
        "middle_manager": "车间主任",
        "requirement_owner": "业务主管", "system_admin": "系统管理员", "user": "班组长", "it": "信息部经理",
    },
    features=(
        FeatureWords("scheduling", "排产计划", True, 8, ("打开排产", "调整排产"), 0.26),
        FeatureWords("reporting", "工序报工", True, 10, ("提交报工",), 0.24),
        FeatureWords("tracing", "质检追溯", True, 4, ("录入质检", "查询追溯"), 0.14),
        FeatureWords("inspection", "设备点检", True, 3, ("完成点检",), 0.1),
        FeatureWords("dashboard", "看板大屏", True, 2, ("打开看板",), 0.1),
        FeatureWords("mobile", "移动端", False, None, ("移动扫码",), 0.08),
        FeatureWords("api", "接口集成", False, None, ("接口调用",), 0.04),
        FeatureWords("cost", "成本核算", False, None, ("成本分析",), 0.04),
    ),
    login="登录系统",
    csms=("林晓", "陈思远", "王雨桐", "赵凯"),
    manager="周文静",
    admin="刘志远",
    viewer="孙悦",
    contributor="马骏",
    joiner="",
    said={
        "solve": (
            ("两位计划员打不开上周的看板，缺少角色权限，已恢复。", ""),
            ("协助导入去年订单，已发送模板。", "核对导入的订单"),
            ("解答权限设置问题。", ""),
            ("跟进报表变慢的问题，新版本已解决。", "回访报表速度"),
        ),
        "gap": (
            ("给质检部演示质检追溯，此前一直没有人用过。", "跟进第一批质检记录"),
            ("约定为质检部补一次培训，目前仍用表格登记。", "发送培训安排"),
            ("沟通排产模块使用情况，二车间下周开始试用。", "回访二车间试用情况"),
        ),
        "advice": (
            ("季度回顾会：目标达成顺利，本月十五日前需要汇报材料。", "发送汇报材料"),
            ("对比同行准交率，分析丢失的环节，建议调整换线规则。", "发送同行对比报告"),
            ("聊到明年续约预算，年后立项。", "准备续约立项材料"),
        ),
    },
    evidence={
        "convinced": ("在总经理办公会上汇报了成效。", "主动要求增加账号。", "向供应商推荐了我们。"),
        "not_yet": ("想先看到第一批数据。", "担心旧系统停不下来。"),
        "against": ("倾向集团统一的系统。", "认为填报花的时间比省的多。"),
    },
    events=(
        ("salon", "客户沙龙：减少插单的排产方法", "苏州", 34),
        ("course", "课程：让管理层看得懂的报表", "线上", 75),
    ),
)  # fmt: skip
