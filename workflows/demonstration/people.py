"""The invented organisation: units, posts, people and groups of a hospital that does not exist."""

from sqlalchemy.orm import Session

from workflows.organisation.models import Group, GroupKind, GroupMember, GroupRole, Holding, Person, Post, Unit
from workflows.organisation.passwords import hash_password

PASSWORD = "duban-demo"  # noqa: S105 - the demonstration says it on its sign-in page

POSTS = (
    ("director", "主任", "director", True),
    ("head-nurse", "护士长", "head nurse", True),
    ("officer", "干事", "officer", False),
    ("staff", "职员", "staff", False),
)
UNITS = (
    ("hospital", "示范医院", "Model Hospital", "hospital", None),
    ("medical-affairs", "医务科", "Medical affairs", "office", "hospital"),
    ("nursing-department", "护理部", "Nursing department", "office", "hospital"),
    ("internal", "内科", "Internal medicine", "clinical", "medical-affairs"),
    ("surgery", "外科", "Surgery", "clinical", "medical-affairs"),
    ("obstetrics", "妇产科", "Obstetrics", "clinical", "medical-affairs"),
    ("paediatrics", "儿科", "Paediatrics", "clinical", "medical-affairs"),
    ("emergency", "急诊科", "Emergency", "clinical", "medical-affairs"),
    ("pharmacy", "药剂科", "Pharmacy", "pharmacy", "medical-affairs"),
    ("laboratory", "检验科", "Laboratory", "technology", "medical-affairs"),
    ("imaging", "影像科", "Imaging", "technology", "medical-affairs"),
    ("ward-one", "一病区", "Ward one", "nursing", "nursing-department"),
    ("ward-two", "二病区", "Ward two", "nursing", "nursing-department"),
    ("operating-room", "手术室", "Operating room", "nursing", "nursing-department"),
    ("infusion", "输液室", "Infusion room", "nursing", "nursing-department"),
)
# login, name, English name, (unit, post) …; every name says what its person does in the demonstration.
PEOPLE: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("head", "周统筹", "Zhou Tongchou", (("hospital", "director"),)),
    ("deputy-medical", "钱医政", "Qian Yizheng", (("hospital", "staff"),)),
    ("deputy-nursing", "孙护政", "Sun Huzheng", (("hospital", "staff"),)),
    ("deputy-pharmacy", "李药政", "Li Yaozheng", (("hospital", "staff"),)),
    ("deputy-technology", "吴技政", "Wu Jizheng", (("hospital", "staff"),)),
    ("office", "郑办事", "Zheng Banshi", (("hospital", "officer"),)),
    ("office-two", "王记录", "Wang Jilu", (("hospital", "officer"),)),
    ("medical-affairs", "冯医务", "Feng Yiwu", (("medical-affairs", "director"),)),
    ("medical-officer", "陈收报", "Chen Shoubao", (("medical-affairs", "officer"),)),
    ("nursing-director", "褚护理", "Chu Huli", (("nursing-department", "director"),)),
    ("nursing-officer", "卫汇总", "Wei Huizong", (("nursing-department", "officer"),)),
    ("internal-director", "蒋内科", "Jiang Neike", (("internal", "director"),)),
    ("internal-nurse", "沈内护", "Shen Neihu", (("internal", "head-nurse"),)),
    ("surgery-director", "韩外科", "Han Waike", (("surgery", "director"),)),
    ("obstetrics-director", "杨妇产", "Yang Fuchan", (("obstetrics", "director"),)),
    ("paediatrics-director", "朱儿科", "Zhu Erke", (("paediatrics", "director"),)),
    ("emergency-director", "秦急诊", "Qin Jizhen", (("emergency", "director"),)),
    ("pharmacy-director", "尤药剂", "You Yaoji", (("pharmacy", "director"),)),
    ("laboratory-director", "许检验", "Xu Jianyan", (("laboratory", "director"),)),
    ("imaging-director", "何影像", "He Yingxiang", (("imaging", "director"),)),
    ("ward-one-nurse", "吕一区", "Lü Yiqu", (("ward-one", "head-nurse"),)),
    ("ward-two-nurse", "施二区", "Shi Erqu", (("ward-two", "head-nurse"),)),
    ("operating-nurse", "张手术", "Zhang Shoushu", (("operating-room", "head-nurse"),)),
    ("infusion-nurse", "孔输液", "Kong Shuye", (("infusion", "head-nurse"),)),
    ("inspector-medical", "曹查医", "Cao Chayi", (("medical-affairs", "staff"),)),
    ("inspector-surgery", "严查房", "Yan Chafang", (("surgery", "staff"),)),
    ("inspector-nursing", "华查护", "Hua Chahu", (("nursing-department", "staff"),)),
    ("inspector-pharmacy", "金查药", "Jin Chayao", (("medical-affairs", "staff"),)),
    ("inspector-technology", "魏查技", "Wei Chaji", (("medical-affairs", "staff"),)),
    ("admin", "陶管理", "Tao Guanli", (("hospital", "staff"),)),
)
GROUPS = (
    (
        "leading",
        "活动领导小组",
        "Leading group",
        (
            ("head", GroupRole.HEAD),
            ("deputy-medical", GroupRole.DEPUTY),
            ("deputy-nursing", GroupRole.DEPUTY),
            ("deputy-pharmacy", GroupRole.DEPUTY),
            ("deputy-technology", GroupRole.DEPUTY),
            ("medical-affairs", GroupRole.MEMBER),
            ("nursing-director", GroupRole.MEMBER),
        ),
    ),
    ("office", "活动办公室", "Campaign office", (("office", GroupRole.HEAD), ("office-two", GroupRole.MEMBER))),
    (
        "medical",
        "医疗考核组",
        "Medical assessors",
        (
            ("deputy-medical", GroupRole.HEAD),
            ("inspector-medical", GroupRole.MEMBER),
            ("inspector-surgery", GroupRole.MEMBER),
        ),
    ),
    (
        "nursing",
        "护理考核组",
        "Nursing assessors",
        (("deputy-nursing", GroupRole.HEAD), ("inspector-nursing", GroupRole.MEMBER)),
    ),
    (
        "pharmacy",
        "药学考核组",
        "Pharmacy assessors",
        (("deputy-pharmacy", GroupRole.HEAD), ("inspector-pharmacy", GroupRole.MEMBER)),
    ),
    (
        "technology",
        "医技考核组",
        "Technology assessors",
        (("deputy-technology", GroupRole.HEAD), ("inspector-technology", GroupRole.MEMBER)),
    ),
    (
        "inspectors",
        "督查组",
        "Inspection team",
        (
            ("inspector-medical", GroupRole.HEAD),
            ("inspector-nursing", GroupRole.MEMBER),
            ("inspector-pharmacy", GroupRole.MEMBER),
            ("inspector-technology", GroupRole.MEMBER),
        ),
    ),
    ("designers", "流程设计组", "Process designers", (("office", GroupRole.HEAD), ("office-two", GroupRole.MEMBER))),
)
KINDS = {"leading": GroupKind.LEADING, "office": GroupKind.WORKING, "designers": GroupKind.WORKING}
"""What the groups are for; all others inspect."""

ADMINISTRATORS = ("admin",)


def create_organisation(session: Session) -> None:
    """Write the invented organisation into an empty database.

    Everybody has the same password, and so the same hash: thirty argon2 hashes would cost a newcomer seconds.
    """
    units: dict[str, Unit] = {}
    for code, name, name_en, kind, parent in UNITS:
        unit = Unit(code=code, name=name, name_en=name_en, kind=kind, parent_id=units[parent].id if parent else None)
        session.add(unit)
        session.flush()
        units[code] = unit
    posts = {
        code: Post(code=code, name=name, name_en=name_en, leads=leads, position=position)
        for position, (code, name, name_en, leads) in enumerate(POSTS)
    }
    session.add_all(posts.values())
    hashed = hash_password(PASSWORD)
    people: dict[str, Person] = {}
    for login, name, name_en, _ in PEOPLE:
        people[login] = Person(
            login=login, name=name, name_en=name_en, password_hash=hashed, is_administrator=login in ADMINISTRATORS
        )
        session.add(people[login])
        session.flush()
    for login, _, _, places in PEOPLE:
        session.add_all(
            Holding(person_id=people[login].id, unit_id=units[unit].id, post_id=posts[post].id) for unit, post in places
        )
    for code, name, name_en, members in GROUPS:
        group = Group(code=code, name=name, name_en=name_en, kind=KINDS.get(code, GroupKind.INSPECTION))
        session.add(group)
        session.flush()
        session.add_all(
            GroupMember(group_id=group.id, person_id=people[login].id, role=role, position=position)
            for position, (login, role) in enumerate(members)
        )
    session.flush()
