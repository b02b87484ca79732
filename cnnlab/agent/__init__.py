"""An agent that learned to play from its score alone, and what it knows of a game.

player = load()                                                   # it learned Space Invaders
records = collect(player, Atari(16, screens=True), 1500)          # states with codes, values and screens
for update in train(Orchard(64), Picker(), Settings(steps=300_000)): ...   # a small one, while you wait
"""

from .games import Atari
from .looking import action, gradient, occlusion, value
from .orchard import Orchard, Picker
from .player import ACTIONS, Player, load
from .policy import Policy
from .ppo import Settings, Update, train
from .records import Moment, Records, collect, play
from .tally import scores

__all__ = [
    "ACTIONS",
    "Atari",
    "Moment",
    "Orchard",
    "Picker",
    "Player",
    "Policy",
    "Records",
    "Settings",
    "Update",
    "action",
    "collect",
    "gradient",
    "load",
    "occlusion",
    "play",
    "scores",
    "train",
    "value",
]
