""""""

from pathlib import Path

from engine.wording import add_catalogue

add_catalogue(Path(__file__).with_name("english.po"))
