"""Folders of made-up figures, in the format of the package's files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

MARKET = ("key", "definition", "year", "quarter", "vendor", "revenue_usd_bn", "share")
GOODS = ("key", "year", "us_imports_from_china_usd_bn", "us_exports_to_china_usd_bn")
Rows = Iterable[Sequence[object]]

CHINA_LATER = [
    ("china.2025.fy.total.canalys", "canalys", 2025, "FY", "TOTAL", 30.3, 1),
    ("china.2025.fy.alibaba.canalys", "canalys", 2025, "FY", "Alibaba Cloud", "", 0.36),
    ("china.2025.q4.huawei.canalys", "canalys", 2025, "Q4", "Huawei Cloud", "", 0.19),
    ("china.2025.q4.kingsoft.canalys", "canalys", 2025, "Q4", "Kingsoft", "", 0.03),
    ("china.2026.q1.total.canalys", "canalys", 2026, "Q1", "TOTAL", 7.7, 1),
    ("china.2025.fy.alibaba.gartner", "gartner_2023_07", 2025, "FY", "Alibaba", 9.2, 0.34),
]
WORLD_LATER = [
    ("world.2025.fy.total.canalys", "canalys", 2025, "FY", "TOTAL", 247.1, 1),
    ("world.2025.fy.amazon.canalys", "canalys", 2025, "FY", "AWS", "", 0.32),
    ("world.2026.q1.microsoft.canalys", "canalys", 2026, "Q1", "Ucloud", "", 0.23),
]
GOODS_LATER = [("goods.2025", 2025, 536.3, 154.0), ("goods.2026", 2026, 426.9, 147.8)]


def folder_of(path: Path, china: Rows = CHINA_LATER, world: Rows = WORLD_LATER, goods: Rows = GOODS_LATER) -> Path:
    """Write the three files into a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name, header, rows in (
        ("cloud_market_china", MARKET, china),
        ("cloud_market_global", MARKET, world),
        ("goods_trade", GOODS, goods),
    ):
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    return path
