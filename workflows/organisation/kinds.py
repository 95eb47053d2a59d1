"""Chinese names of the kinds of unit that the library's plans speak of; pages translate them."""

from collections.abc import Mapping

UNIT_KINDS: Mapping[str, str] = {
    "hospital": "医院",
    "office": "职能部门",
    "clinical": "临床科室",
    "nursing": "护理单元",
    "pharmacy": "药学部门",
    "technology": "医技科室",
    "department": "部门",
    "enterprise": "企业",
    "workshop": "车间",
    "section": "科室",
    "branch": "支部",
    "school": "学校",
    "college": "学院",
    "class": "班级",
    "county": "县区",
    "town": "镇",
    "township": "乡镇",
    "street": "街道",
    "village": "村",
}
