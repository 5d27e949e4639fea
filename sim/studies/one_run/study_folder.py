"""The folder of a study: its tables and charts, a page that says the answer, and the scenarios it was about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.drawn_chart import DrawnChart
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Kept, Sentence, Table
from sim.report.page_layout import Answer, Content, Section, page_of
from sim.runs.address import Address, Place
from sim.runs.manifest import FORMAT, MANIFEST, manifest_text
from sim.runs.parquet import to_parquet
from sim.runs.result_folder import replace_folder
from sim.scenario.loading import dump
from sim.studies.one_run.data_package import write_package
from sim.studies.one_run.page_sections import closing_sections, origin_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class StudyFolder:
    """What the folder of a study holds.

    Attributes
    ----------
    kind
        What its manifest calls it.
    scenarios
        What the study was about; the page lists the numbers of the last one.
    said
        What the manifest says beside that: seed and draws at least.
    title, question
        Head of the page.
    answer
        Its first sentences.
    sections
        Its parts; what to trust, all assumptions and the manifest follow.
    kept
        Tables that the page shows, each kept as CSV and Parquet.
    charts
        Charts, with their numbers.
    parquet
        Further tables, kept as Parquet.
    """

    kind: str
    scenarios: Sequence[Scenario]
    said: Mapping[str, Any]
    title: str
    question: str
    answer: Sequence[Sentence]
    sections: Sequence[Section]
    kept: Sequence[Kept]
    charts: Sequence[DrawnChart] = ()
    parquet: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """All tables that it shows, in their order."""
        return [table for section in self.sections for table in section.tables]

    def save(self, directory: Address, made_by: Mapping[str, Any] | None = None) -> Address:
        """Write all of it, whole or not at all; an older study of the kind there is replaced.

        Parameters
        ----------
        directory
            The folder itself, or an address.
        made_by
            What the manifest says of the program.

        Raises
        ------
        ScenarioError
            If the folder holds something else, or cannot be written.
        """
        return replace_folder(directory, self.kind, partial(self._write, made_by or {}))

    def _write(self, made_by: Mapping[str, Any], folder: Path) -> None:
        whole = self.scenarios[-1]
        manifest = {"format": FORMAT, "kind": self.kind, "scenario": whole.name, **self.said, **made_by}
        closing, more = closing_sections(whole, manifest, {whole.name: ""})
        page = page_of(Content(
            self.title, self.question, origin_of(manifest), [Answer("", list(self.answer))], [*self.sections, *closing],
            kept=[*self.kept, *more],
        ))  # fmt: skip
        texts = {f"{held.name}.yaml": dump(held) for held in self.scenarios} | {MANIFEST: manifest_text(manifest)}
        tables = {held.name: held.frame for held in self.kept}
        files = FolderFiles(tables, parquet=self.parquet, charts=self.charts, page=page, texts=texts)
        write_folder(files, folder, whole)


def write_folder(files: FolderFiles, folder: Path, scenario: Scenario) -> None:
    """Write the files of a study into a folder on this machine, and what its tables hold for other programs.

    Parameters
    ----------
    files
        All files of the study.
    folder
        Where to.
    scenario
        What the study was about.
    """
    files.write(folder, to_parquet)
    write_package(Place.of(folder), scenario, files.page.titles if files.page else {})
